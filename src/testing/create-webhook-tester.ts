import type { AddressInfo, Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { Clock } from '../inbox/clock.js';
import type { Delivery } from '../inbox/delivery.interface.js';
import { WEBHOOK_INBOX_CLOCK } from '../inbox/tokens.js';
import { WebhookInbox } from '../inbox/webhook-inbox.service.js';
import { post } from './post.js';
import type { HttpAnswer } from './post.js';

/** Sends webhooks to an application as their senders do. */
export interface WebhookTester {
  /** @param endpoint The endpoint's name. Default: `stripe`. */
  stripe(endpoint?: string): WebhookTesterEndpoint;
}

export interface WebhookTesterEndpoint {
  /**
   * Signs the event with the endpoint's own secret, posts it over the application's HTTP stack and waits
   * for the answer.
   *
   * @param event An event object, or a body to be sent byte for byte.
   */
  send(event: object | string | Uint8Array, options?: SendOptions): Promise<WebhookAnswer>;
}

export interface SendOptions {
  /** When it was signed, in seconds since 1970. Default: now, by the application's clock. */
  readonly timestamp?: number;
  /** The label of the secret to sign with. Default: the first. */
  readonly secretLabel?: string;
  /** Further request headers; they win over the tester's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WebhookAnswer extends HttpAnswer {
  /** The event's deliveries as they stand after the answer; empty for a request that was refused. */
  readonly deliveries: readonly Delivery[];
}

/**
 * Tests an application with real requests: real signatures, real bytes, the real HTTP stack. An
 * application that does not listen yet is made to, on a free port of the loopback interface, until
 * `app.close()`.
 *
 * @example
 * const tester = createWebhookTester(app);
 * const { status, deliveries } = await tester.stripe().send(stripeEvent('invoice.paid'));
 */
export function createWebhookTester(app: INestApplication): WebhookTester {
  return {
    stripe: (endpoint = 'stripe') => ({
      send: (event, options) => send(app, endpoint, event, options),
    }),
  };
}

async function send(
  app: INestApplication,
  name: string,
  event: object | string | Uint8Array,
  { timestamp, secretLabel, headers }: SendOptions = {},
): Promise<WebhookAnswer> {
  await listen(app);
  const endpoints = app.get(WebhookEndpointRegistry, { strict: false });
  const clock = app.get<Clock>(WEBHOOK_INBOX_CLOCK, { strict: false });
  const endpoint = endpoints.get(name);
  const body = toBytes(event);

  const answer = await post(urlOf(app, name, endpoints), body, {
    'content-type': 'application/json; charset=utf-8',
    ...endpoint.sign(body, {
      timestampSeconds: timestamp ?? Math.floor(clock.now() / 1000),
      ...(secretLabel !== undefined && { secretLabel }),
    }),
    ...headers,
  });
  return { ...answer, deliveries: await deliveriesOf(app, endpoint, body, answer) };
}

async function listen(app: INestApplication): Promise<void> {
  const server = app.getHttpServer() as Server | undefined;
  if (!server?.listening) await app.listen(0, '127.0.0.1');
}

function urlOf(app: INestApplication, name: string, endpoints: WebhookEndpointRegistry): URL {
  const [path] = endpoints.routesOf(name);
  if (path === undefined) {
    throw new WebhookConfigurationError(
      `Webhook endpoint "${name}" has no route: it is configured with { path: false } and no method has ` +
        `@VerifyWebhook('${name}').`,
    );
  }
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return new URL(path, `http://127.0.0.1:${port}`);
}

async function deliveriesOf(
  app: INestApplication,
  endpoint: WebhookEndpoint,
  rawBody: Buffer,
  { status }: HttpAnswer,
): Promise<readonly Delivery[]> {
  if (status >= 400 && status < 500) return [];
  const { id } = endpoint.parse({ rawBody, headers: {} });
  const inbox = app.get(WebhookInbox, { strict: false });
  return (await inbox.find(endpoint.source, id))?.deliveries ?? [];
}

function toBytes(event: object | string | Uint8Array): Buffer {
  if (typeof event === 'string' || event instanceof Uint8Array) return Buffer.from(event);
  return Buffer.from(JSON.stringify(event));
}
