import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { toKeptError } from '../handlers/to-kept-error.js';
import { WebhookDispatcher } from '../handlers/webhook.dispatcher.js';
import { assertAck } from './ack.js';
import type { Clock } from './clock.js';
import { endsWithin } from './ends-within.js';
import { HandlerRegistration } from './handler-registration.js';
import { InboxLifecycle } from './inbox-lifecycle.js';
import {
  WEBHOOK_INBOX_CLOCK,
  WEBHOOK_INBOX_ENGINE,
  WEBHOOK_INBOX_COMMAND,
  WEBHOOK_INBOX_OPTIONS,
  WEBHOOK_INBOX_SETTINGS,
} from './tokens.js';
import type { WebhookInboxCommand } from './tokens.js';
import type { EngineLog, WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';
import { WebhookPruner } from './webhook.pruner.js';

/** For what handlers come to when they are aborted, and for the answers that are given up. */
const LAST_MOMENT_MS = 500;

/** Starts and stops the inbox with the application. */
@Injectable()
export class WebhookInboxRuntime
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  readonly #logger = new Logger('WebhookInbox');
  readonly #engineLog: EngineLog = {
    info: (message) => this.#logger.log(message),
    error: (message, error) =>
      this.#logger.error(
        error === undefined ? message : `${message} ${toKeptError(error).message}`,
      ),
  };
  #shutdown: Promise<void> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registration: HandlerRegistration,
    private readonly dispatcher: WebhookDispatcher,
    private readonly lifecycle: InboxLifecycle,
    private readonly pruner: WebhookPruner,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
    @Optional() @Inject(WEBHOOK_INBOX_COMMAND) private readonly command?: WebhookInboxCommand,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#assertConfiguredOnce();
    this.#assertEngineFits();
    this.registration.scan();
    await this.engine.start({ clock: this.clock, log: this.#engineLog });
    this.lifecycle.open();
  }

  /** Deliveries run from here on: every module is initialized. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.command && !this.command.runsHandlers) return;
    const { concurrency, worker } = this.settings;
    if (worker) {
      await this.engine.consume((delivery) => this.dispatcher.run(delivery), { concurrency });
    }
    // In memory the engine's own bounds say what is forgotten.
    if (worker && this.engine.capabilities.survives !== 'nothing') this.pruner.start();
    this.registration.logEndpoints();
    if (this.engine.capabilities.survives === 'nothing') {
      this.registration.warnOfReplies();
      this.#logger.log(
        'Events are kept in memory until this process exits. What is not answered 200 is retried when its ' +
          'sender sends it again.',
      );
    }
  }

  /**
   * New events get 503. Those on their way are finished and answered, within `shutdownTimeoutMs`; what then
   * still runs is aborted, and after another moment nothing is waited for.
   */
  beforeApplicationShutdown(): Promise<void> {
    return (this.#shutdown ??= this.#shutDown());
  }

  async #shutDown(): Promise<void> {
    const { shutdownTimeoutMs } = this.settings;
    this.pruner.stop();
    const drained = this.lifecycle.drain().then(() => this.engine.stop());
    const isDrained = await this.#within(shutdownTimeoutMs, drained);
    if (isDrained) return;

    this.#warnOfGivingUp();
    this.dispatcher.abortAll();
    this.lifecycle.giveUp();
    // In real time, which goes on where a test holds the clock still.
    if (await endsWithin(drained, LAST_MOMENT_MS)) return;

    const abandoned = this.engine.abandon();
    // What was handed out since.
    this.dispatcher.abortAll();
    await abandoned;
  }

  #warnOfGivingUp(): void {
    const { shutdownTimeoutMs } = this.settings;
    const { runningCount } = this.dispatcher;
    this.#logger.warn(
      runningCount > 0
        ? `Attempts that still run after ${shutdownTimeoutMs} ms: ${runningCount}. Their signals are aborted.`
        : `The inbox has not ended within ${shutdownTimeoutMs} ms, though no handler runs. It is given up.`,
    );
  }

  async #within(delayMs: number, work: Promise<void>): Promise<boolean> {
    let cancel: (() => void) | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      cancel = this.clock.setTimer(() => resolve(false), delayMs);
    });
    try {
      return await Promise.race([work.then(() => true), timeout]);
    } finally {
      cancel!();
    }
  }

  #assertEngineFits(): void {
    const { ack, worker } = this.settings;
    const { capabilities } = this.engine;
    assertAck('ack of WebhookInboxModule', ack, capabilities);
    if (worker || capabilities.survives !== 'nothing') return;
    throw new WebhookConfigurationError(
      'worker of WebhookInboxModule is false, but the engine keeps events in this process alone, so nothing ' +
        'would run them. Leave it out, or give an engine that processes share.',
    );
  }

  #assertConfiguredOnce(): void {
    const configured = this.discovery
      .getProviders()
      .filter(({ token }) => token === WEBHOOK_INBOX_OPTIONS);
    if (configured.length <= 1) return;
    throw new WebhookConfigurationError(
      'WebhookInboxModule is configured more than once. Call forRoot in one module; it is global.',
    );
  }
}
