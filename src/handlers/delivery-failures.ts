import { Inject, Injectable, Logger } from '@nestjs/common';
import { deliveryDead } from '../inbox/diagnostics.js';
import { InboxLifecycle } from '../inbox/inbox-lifecycle.js';
import { WEBHOOK_INBOX_SETTINGS } from '../inbox/tokens.js';
import type { DueDelivery, Outcome } from '../inbox/webhook-engine.interface.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import { stackFrames, toKeptError } from './to-kept-error.js';

/** What an attempt came to that did not end well. */
export type Failure = Extract<Outcome, { readonly status: 'failed' | 'dead' }>;
export type Death = Extract<Outcome, { readonly status: 'dead' }>;

/** Says what went wrong with deliveries: in the log, on the channels, to `onDead`. */
@Injectable()
export class DeliveryFailures {
  readonly #logger = new Logger('WebhookInbox');
  readonly #missing = new Set<string>();

  constructor(
    private readonly lifecycle: InboxLifecycle,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
  ) {}

  add({ event, handler, attempt }: DueDelivery, { status }: Failure, error: unknown): void {
    const { name, message } = toKeptError(error);
    this.#log(
      `${handler} ${status === 'dead' ? 'gave up on' : 'failed'} ${event.type} ${event.id}, attempt ${attempt}: ` +
        `${name}: ${message}`,
      stackFrames(error),
    );
    if (status !== 'dead') return;
    const { source, id: eventId, type } = event;
    if (!deliveryDead.hasSubscribers) return;
    deliveryDead.publish({ source, eventId, type, handler, attempt });
  }

  /** Another process may have the handler, such as the new version during a deploy. */
  addMissing(handler: string): void {
    if (this.#missing.has(handler)) return;
    this.#missing.add(handler);
    this.#logger.warn(
      `This process has no handler ${handler}; its deliveries wait for one that has. If it was renamed, ` +
        'give the new one its id.',
    );
  }

  /** A reply was sent whose delivery the engine did not take. */
  addUnstored({ event, handler }: DueDelivery, error: unknown): void {
    const { name, message } = toKeptError(error);
    this.#log(
      `The reply of ${handler} to ${event.type} ${event.id} was sent, and could not be stored: the inbox does ` +
        `not know of it, and other handlers do not get the event. ${name}: ${message}`,
      stackFrames(error),
    );
  }

  /** Not waited for, because a pager that hangs must hold nothing up; but a shutdown waits for it. */
  tellDead({ event, handler, attempt }: DueDelivery, { error }: Death, thrown: unknown): void {
    const { onDead } = this.settings;
    if (!onDead) return;
    const { source, id, type, endpoint } = event;
    const tell = async (): Promise<void> => {
      try {
        await onDead({ source, id, type, endpoint, handler, attempts: attempt, error }, thrown);
      } catch (hookError) {
        const { name, message } = toKeptError(hookError);
        this.#log(`onDead failed for ${handler} and ${id}: ${name}: ${message}`);
      } finally {
        this.lifecycle.leave();
      }
    };
    this.lifecycle.enter();
    // By then the engine has settled the delivery.
    setImmediate(() => void tell());
  }

  /** A logger that throws must not change what became of a delivery. */
  #log(message: string, stack?: string): void {
    try {
      this.#logger.error(message, stack);
    } catch {
      // There is nowhere left to say it.
    }
  }
}
