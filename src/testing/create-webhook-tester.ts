import type { INestApplication } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { Delivery, StoredEvent } from '../inbox/delivery.interface.js';
import { Chaos } from './chaos/chaos.js';
import type { ChaosEvent } from './chaos/chaos.js';
import { DeliveryWaits } from './delivery-waits.js';
import { createEventBuilders, originOf } from './event-builders.js';
import type { WebhookEventBuilders } from './event-builders.js';
import { StackAuthTesterEndpoint, StripeTesterEndpoint } from './sender-endpoints.js';
import { TestedApplication } from './tested-application.js';
import { WebhookTesterEndpoint } from './webhook-tester-endpoint.js';
import type { StandardWebhooksSendOptions } from './webhook-tester-endpoint.js';
import { within } from './within.js';

export interface WebhookTesterOptions {
  /**
   * Set into the ids of the events that the tester builds (`evt_<idPrefix>1`), for an inbox that outlives
   * the test: there `evt_1` of the last run would be the same event.
   * @default none
   */
  readonly idPrefix?: string;
}

export interface WaitOptions {
  /**
   * For how long at most, in real milliseconds. Then it rejects and says what has not come to an end.
   * @default 4_000
   */
  readonly withinMs?: number;
}

/** Sends webhooks to an application as their senders do, and waits for what becomes of them. */
export interface WebhookTester extends WebhookEventBuilders {
  /** @param endpoint The endpoint's name. Default: `stripe`. */
  stripe(endpoint?: string): StripeTesterEndpoint;
  /**
   * @param endpoint The name of an endpoint whose sender signs by Standard Webhooks, such as `clerk` or
   * `stack-auth`. Default: the only one there is.
   */
  standardWebhooks(endpoint?: string): WebhookTesterEndpoint<StandardWebhooksSendOptions>;
  /** @param endpoint The endpoint's name. Default: `stack-auth`. */
  stackAuth(endpoint?: string): StackAuthTesterEndpoint;
  /**
   * Waits until every event that this tester has sent is answered and every delivery of it is settled:
   * succeeded, skipped or dead. It rejects for a failed delivery that nothing retries by itself: on the
   * memory engine its sender has to come again, on PostgreSQL a `manualClock()` has to be moved.
   */
  settled(options?: WaitOptions): Promise<void>;
  /**
   * Waits until an event's delivery to a handler is settled, or has failed and nothing retries it by
   * itself: on the memory engine, and on PostgreSQL until a `manualClock()` is moved.
   *
   * @param eventId The sender's id, whoever sends it and when.
   * @param handler The handler's id, such as `BillingService.extendSubscription`.
   */
  delivery(eventId: string, handler: string, options?: WaitOptions): Promise<Delivery>;
  /** Waits until an event is stored, such as before the clock is moved while its handler waits. */
  stored(eventId: string, options?: WaitOptions): Promise<StoredEvent>;
  /**
   * Tries this application's handlers with events that come repeated, at once, out of order, and with
   * failures and crashes in between. Needs the package `fast-check`.
   *
   * @param events In their order; `{ endpoint, event }` where there are several endpoints.
   *
   * @example
   * await tester.chaos(events).startingFrom(() => store.clear()).expectSameOutcome(() => store.all());
   */
  chaos(events: readonly ChaosEvent[]): Chaos;
}

const WITHIN_MS = 4_000;

/**
 * Tests an application with real requests: real signatures, real bytes, the real HTTP stack. An
 * application that does not listen yet is made to, on a free port of the loopback interface, until
 * `app.close()`.
 *
 * @example
 * const tester = createWebhookTester(app);
 * const { status, deliveries } = await tester.stripe().event('invoice.paid');
 */
export function createWebhookTester(
  app: INestApplication,
  { idPrefix }: WebhookTesterOptions = {},
): WebhookTester {
  const tested = new TestedApplication(app);
  const waits = new DeliveryWaits(tested);
  const builders = createEventBuilders(() => originOf(app, tested.clock, idPrefix));
  const fields = (getName: () => string) => ({ tested, builders, getName });

  return {
    ...builders,
    stripe: (endpoint = 'stripe') => new StripeTesterEndpoint(fields(() => endpoint)),
    stackAuth: (endpoint = 'stack-auth') => new StackAuthTesterEndpoint(fields(() => endpoint)),
    standardWebhooks: (endpoint) =>
      new WebhookTesterEndpoint(fields(() => endpoint ?? onlyStandardWebhooksEndpoint(tested))),
    chaos: (events) => new Chaos({ events, app, stage: undefined }),
    settled: ({ withinMs = WITHIN_MS } = {}) =>
      within(
        withinMs,
        (signal) => waits.settled(signal),
        async () => {
          return `Not settled within ${withinMs} ms: ${await waits.describeUnsettled()}.`;
        },
      ),
    delivery: (eventId, handler, { withinMs = WITHIN_MS } = {}) =>
      within(
        withinMs,
        (signal) => waits.delivery(eventId, handler, signal),
        async () => {
          return `The delivery of ${eventId} to ${handler} is not settled within ${withinMs} ms.`;
        },
      ),
    stored: (eventId, { withinMs = WITHIN_MS } = {}) =>
      within(
        withinMs,
        (signal) => waits.stored(eventId, signal),
        async () => {
          return `No event ${eventId} was stored within ${withinMs} ms.`;
        },
      ),
  };
}

function onlyStandardWebhooksEndpoint({ endpoints }: TestedApplication): string {
  const names = endpoints
    .all()
    .filter(({ sender }) => sender === 'standard-webhooks' || sender === 'stack-auth')
    .map(({ name }) => name);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new WebhookConfigurationError(
    `tester.standardWebhooks() needs the name of an endpoint. Configured are: ${names.join(', ') || 'none'}.`,
  );
}
