import { randomUUID } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { Clock } from '../inbox/clock.js';
import type { Delivery } from '../inbox/delivery.interface.js';
import { WEBHOOK_INBOX_CLOCK } from '../inbox/tokens.js';
import { WebhookInbox } from '../inbox/webhook-inbox.service.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import { ensureListening } from './ensure-listening.js';
import { post } from './post.js';
import type { HttpAnswer } from './post.js';

/** Sends webhooks to an application as their senders do. */
export interface WebhookTester {
  /** @param endpoint The endpoint's name. Default: `stripe`. */
  stripe(endpoint?: string): WebhookTesterEndpoint;
  /**
   * @param endpoint The name of an endpoint whose sender signs by Standard Webhooks, such as `clerk` or
   * `stack-auth`. Default: the only one there is.
   */
  standardWebhooks(endpoint?: string): WebhookTesterEndpoint<StandardWebhooksSendOptions>;
  /** @param endpoint The endpoint's name. Default: `stack-auth`. */
  stackAuth(endpoint?: string): WebhookTesterEndpoint<StandardWebhooksSendOptions>;
}

export interface WebhookTesterEndpoint<Options extends SendOptions = SendOptions> {
  /**
   * Signs the event with the endpoint's own secret, posts it over the application's HTTP stack and waits
   * for the answer.
   *
   * @param event An event object, or a body to be sent byte for byte.
   */
  send(event: object | string | Uint8Array, options?: Options): Promise<WebhookAnswer>;
}

export interface SendOptions {
  /** When it was signed, in seconds since 1970. Default: now, by the application's clock. */
  readonly timestamp?: number;
  /** The label of the secret to sign with. Default: the first. */
  readonly secretLabel?: string;
  /** Further request headers; they win over the tester's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What only senders have that sign by Standard Webhooks. */
export interface StandardWebhooksSendOptions extends SendOptions {
  /** The event's id. Default: a new one, which is the same when the same event object is sent again. */
  readonly id?: string;
  /** Whether the headers are called `svix-…`. Default: only to Stack Auth. */
  readonly svix?: boolean;
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
  const standardWebhooks: WebhookTester['standardWebhooks'] = (endpoint) => ({
    send: async (event, options) => {
      const name = endpoint ?? onlyStandardWebhooksEndpoint(app);
      return send(app, name, event, { id: idOf(event), ...options });
    },
  });
  return {
    stripe: (endpoint = 'stripe') => ({
      send: (event, options) => send(app, endpoint, event, options),
    }),
    standardWebhooks,
    stackAuth: (endpoint = 'stack-auth') => standardWebhooks(endpoint),
  };
}

async function send(
  app: INestApplication,
  name: string,
  event: object | string | Uint8Array,
  { timestamp, headers, ...signing }: StandardWebhooksSendOptions = {},
): Promise<WebhookAnswer> {
  await ensureListening(app);
  const endpoints = app.get(WebhookEndpointRegistry, { strict: false });
  const clock = app.get<Clock>(WEBHOOK_INBOX_CLOCK, { strict: false });
  const endpoint = endpoints.get(name);
  const body = toBytes(event);

  const sentHeaders = {
    'content-type': 'application/json; charset=utf-8',
    ...endpoint.sign(body, {
      timestampSeconds: timestamp ?? Math.floor(clock.now() / 1000),
      ...signing,
    }),
    ...inLowerCase(headers),
  };
  const answer = await post(urlOf(app, name, endpoints), body, sentHeaders);
  const request = { rawBody: body, headers: sentHeaders };
  return { ...answer, deliveries: await deliveriesOf(app, endpoint, request, answer) };
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
  request: RawRequest,
  { status }: HttpAnswer,
): Promise<readonly Delivery[]> {
  if (status >= 400 && status < 500) return [];
  const { id } = endpoint.parse(request);
  const inbox = app.get(WebhookInbox, { strict: false });
  return (await inbox.find(endpoint.source, id))?.deliveries ?? [];
}

function toBytes(event: object | string | Uint8Array): Buffer {
  if (typeof event === 'string' || event instanceof Uint8Array) return Buffer.from(event);
  return Buffer.from(JSON.stringify(event));
}

function inLowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

const ids = new WeakMap<object, string>();

/** The id of an event whose body has none: one for each object, so that sending it again is a resend. */
function idOf(event: object | string): string {
  const id = (typeof event === 'object' && ids.get(event)) || `msg_${randomUUID()}`;
  if (typeof event === 'object') ids.set(event, id);
  return id;
}

function onlyStandardWebhooksEndpoint(app: INestApplication): string {
  const names = app
    .get(WebhookEndpointRegistry, { strict: false })
    .all()
    .filter(({ sender }) => sender === 'standard-webhooks' || sender === 'stack-auth')
    .map(({ name }) => name);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new WebhookConfigurationError(
    `tester.standardWebhooks() needs the name of an endpoint. Configured are: ${names.join(', ') || 'none'}.`,
  );
}
