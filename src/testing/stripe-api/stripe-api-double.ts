import type { StripeApiFailure } from './stripe-api-answer.js';
import { StripeApiBackend } from './stripe-api-backend.js';
import type { AnswerOtherwise } from './stripe-api-backend.js';
import type { DelayedStripeRequests, StripeApiMatch } from './stripe-api-disturbances.js';
import type { StripeApiRequest } from './stripe-api-request.js';
import { StripeApiServer } from './stripe-api-server.js';
import type { StripeEventDestinationBody } from './stripe-event-destinations.js';
import type { StripeEventBody } from './stripe-events.js';
import type { ServedStripeObject } from './stripe-objects.js';
import type { StripeWebhookEndpointBody } from './stripe-webhook-endpoints.js';

export interface StripeApiDoubleOptions {
  /**
   * Answers what the double would answer 404.
   * @default nothing, so that it does
   */
  readonly otherwise?: AnswerOtherwise;
}

/** A part of Stripe's API on the loopback interface, for a real `stripe` client. */
export interface StripeApiDouble {
  /** For `new Stripe('sk_test_1', api.clientOptions)`: where it is, and no retries. */
  readonly clientOptions: {
    readonly host: string;
    readonly port: number;
    readonly protocol: 'http';
    readonly maxNetworkRetries: 0;
    readonly telemetry: false;
  };
  /** What it was asked, the oldest first. */
  readonly requests: readonly StripeApiRequest[];
  readonly webhookEndpoints: readonly StripeWebhookEndpointBody[];
  readonly eventDestinations: readonly StripeEventDestinationBody[];

  /**
   * Adds a snapshot event or an event notification, to the account that it names.
   * @param options.isDelivered Whether all webhook endpoints have answered 200. Default: true.
   */
  addEvent(event: StripeEventBody, options?: { readonly isDelivered?: boolean }): void;
  /** All webhook endpoints have answered 200 for the event. */
  markDelivered(eventId: string): void;
  /**
   * Serves an object by its URL, such as `/v1/customers/cus_1`, to requests for an account.
   * @param options.account Default: the own account.
   */
  serve(path: string, object: ServedStripeObject, options?: { readonly account?: string }): void;
  /** From now on the object is missing: 404. */
  remove(path: string, options?: { readonly account?: string }): void;
  /**
   * Answers requests with an error.
   * @param match Default: every request.
   * @param match.times How many of them. Default: 1.
   * @param match.after How many are answered well before. Default: 0.
   *
   * @example
   * api.fail({ status: 429, retryAfterSeconds: 2 }, { path: '/v1/events', times: 3 });
   */
  fail(
    failure: StripeApiFailure,
    match?: StripeApiMatch & { readonly times?: number; readonly after?: number },
  ): void;
  /**
   * Holds requests back until they are released.
   * @param match Default: every request.
   */
  delay(match?: StripeApiMatch): DelayedStripeRequests;
  close(): Promise<void>;
}

/**
 * Starts a part of Stripe's API for tests: events of both kinds, objects by their URLs, webhook endpoints,
 * event destinations and pings. A ping is also sent, signed, to a destination on this machine.
 *
 * @example
 * const api = await stripeApiDouble();
 * const client = new Stripe('sk_test_1', api.clientOptions);
 */
export async function stripeApiDouble({
  otherwise,
}: StripeApiDoubleOptions = {}): Promise<StripeApiDouble> {
  const backend = new StripeApiBackend(otherwise);
  const server = new StripeApiServer((request) => backend.answer(request));
  const port = await server.start();
  const { disturbances, events, objects } = backend;

  return {
    clientOptions: {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
    },
    requests: server.requests,
    get webhookEndpoints() {
      return backend.webhookEndpoints.all;
    },
    get eventDestinations() {
      return backend.eventDestinations.all;
    },
    addEvent: (event, { isDelivered = true } = {}) => events.add(event, isDelivered),
    markDelivered: (eventId) => events.markDelivered(eventId),
    serve: (path, object, { account } = {}) => objects.set(path, object, account),
    remove: (path, { account } = {}) => objects.delete(path, account),
    fail: (failure, { times = 1, after = 0, ...match } = {}) =>
      disturbances.fail(failure, match, times, after),
    delay: (match = {}) => disturbances.delay(match),
    close: () => {
      disturbances.releaseAll();
      return server.close();
    },
  };
}
