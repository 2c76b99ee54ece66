import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, MetadataScanner } from '@nestjs/core';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { Clock } from '../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK } from '../inbox/tokens.js';
import { captureOnExpress } from '../raw-body/capture-on-express.js';
import { captureOnFastify } from '../raw-body/capture-on-fastify.js';
import type { CapturableAdapter, RouteCapture } from '../raw-body/captured-route.js';
import { assertVerifiedRoutes } from './assert-verified-routes.js';
import { RequestRefusals } from './request-refusals.js';
import { WebhookEndpointRegistry } from './webhook-endpoint.registry.js';

const CAPTURES: ReadonlyMap<string, (adapter: CapturableAdapter, capture: RouteCapture) => void> =
  new Map([
    ['express', captureOnExpress],
    ['fastify', captureOnFastify],
  ]);

/**
 * Installs the capture of raw bytes as soon as the HTTP adapter exists, which is before `main.ts` goes on
 * and before Nest registers its body parsers. An application without HTTP has no adapter.
 */
@Injectable()
export class RawBodyInstaller implements OnModuleInit, OnApplicationShutdown {
  readonly #subscription: { unsubscribe(): void };

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly refusals: RequestRefusals,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {
    this.#subscription = host.init$.subscribe(() => this.#install());
  }

  /** @throws WebhookConfigurationError on an adapter, or for a route, whose bytes cannot be kept. */
  onModuleInit(): void {
    assertVerifiedRoutes(this.discovery, this.scanner);
    const type = this.#adapter()?.getType();
    if (type === undefined || CAPTURES.has(type)) return;
    throw new WebhookConfigurationError(
      `nestjs-webhook-inbox works on the Express and the Fastify adapter, not on "${type}".`,
    );
  }

  onApplicationShutdown(): void {
    this.#subscription.unsubscribe();
  }

  #install(): void {
    const adapter = this.#adapter();
    if (!adapter) return;
    CAPTURES.get(adapter.getType())?.(adapter, {
      onRoute: (route) => this.endpoints.addRoute(route),
      maxBodyBytes: (endpoint) => this.endpoints.get(endpoint).maxBodyBytes,
      clock: this.clock,
      toHttpError: (endpoint, error) => this.refusals.refuse(endpoint, error),
    });
  }

  #adapter(): CapturableAdapter | undefined {
    return this.host.httpAdapter as unknown as CapturableAdapter | undefined;
  }
}
