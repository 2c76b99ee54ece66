import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import type { WebhookEventBuilders } from './event-builders.js';
import { idOf } from './message-ids.js';
import type { TestedApplication, WebhookAnswer } from './tested-application.js';

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

/** A request as it goes over the wire. */
export interface RawWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** How the next requests are signed. */
interface Signing {
  readonly isForged?: boolean;
  readonly isStale?: boolean;
  readonly secretLabel?: string;
}

/** What an endpoint sender is made of. */
export interface TesterEndpointFields {
  readonly tested: TestedApplication;
  /** Gives the endpoint's name, when something is sent. */
  readonly getName: () => string;
  readonly builders: WebhookEventBuilders;
  readonly signing?: Signing;
}

const TEN_YEARS_IN_SECONDS = 10 * 365 * 24 * 60 * 60;

/** Sends to one endpoint as its sender does. */
export class WebhookTesterEndpoint<Options extends SendOptions = SendOptions> {
  readonly #fields: TesterEndpointFields;

  constructor(fields: TesterEndpointFields) {
    this.#fields = fields;
  }

  protected get builders(): WebhookEventBuilders {
    return this.#fields.builders;
  }

  /**
   * Signs the event with the endpoint's own secret, posts it over the application's HTTP stack and waits
   * for the answer.
   *
   * @param event An event object, or a body to be sent byte for byte.
   */
  async send(event: object | string | Uint8Array, options?: Options): Promise<WebhookAnswer> {
    await this.#fields.tested.listen();
    const endpoint = this.#endpoint();
    const rawBody = toBytes(event);
    const headers = this.#sign(endpoint, rawBody, { id: idOf(event), ...options });
    return this.#fields.tested.send(endpoint, { rawBody, headers });
  }

  /** Posts what is given, byte for byte, with no header more. */
  async sendRaw({ headers, body }: RawWebhook): Promise<WebhookAnswer> {
    await this.#fields.tested.listen();
    const request = { rawBody: toBytes(body), headers: inLowerCase(headers) };
    return this.#fields.tested.send(this.#endpoint(), request);
  }

  /** What is sent by this carries a signature that no secret of the endpoint has made. */
  forged(): this {
    return this.#with({ isForged: true });
  }

  /** What is sent by this was signed ten years ago. */
  stale(): this {
    return this.#with({ isStale: true });
  }

  /** What is sent by this is signed with the endpoint's secret of this label. */
  withSecret(label: string): this {
    return this.#with({ secretLabel: label });
  }

  #with(signing: Signing): this {
    const { signing: former } = this.#fields;
    const Class = this.constructor as new (fields: TesterEndpointFields) => this;
    return new Class({ ...this.#fields, signing: { ...former, ...signing } });
  }

  #endpoint(): WebhookEndpoint {
    return this.#fields.tested.endpoints.get(this.#fields.getName());
  }

  #sign(
    endpoint: WebhookEndpoint,
    rawBody: Buffer,
    { timestamp, headers, ...signing }: StandardWebhooksSendOptions,
  ): Record<string, string> {
    const { isForged, isStale, secretLabel } = this.#fields.signing ?? {};
    const nowSeconds = Math.floor(this.#fields.tested.clock.now() / 1000);
    const staleSeconds = Math.max(1, nowSeconds - TEN_YEARS_IN_SECONDS);
    // The signature of other bytes is as wrong as that of another secret, for every sender.
    const signedBody = isForged ? Buffer.concat([rawBody, rawBody]) : rawBody;
    return {
      'content-type': 'application/json; charset=utf-8',
      ...endpoint.sign(signedBody, {
        timestampSeconds: timestamp ?? (isStale ? staleSeconds : nowSeconds),
        ...(secretLabel !== undefined && { secretLabel }),
        ...signing,
      }),
      ...inLowerCase(headers),
    };
  }
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
