/** A secret, a list of them, or secrets by label. An undefined value in the object is left out. */
export type WebhookSecrets =
  string | readonly string[] | Readonly<Record<string, string | undefined>>;

/** What every endpoint takes. */
export interface WebhookEndpointOptions {
  /**
   * The signing secrets. A request is accepted when any of them has signed it, so a secret is changed
   * without a gap by giving the new and the old one: `{ current: …, previous: … }`. The label of the one
   * that matched is `context.secretLabel`. None, or a blank one, refuses to start.
   */
  readonly secrets: WebhookSecrets;
  /**
   * The route, without a global prefix. Literal segments and `:parameters`; several paths as a list;
   * `false` for no route of its own, where a controller of yours has `@VerifyWebhook(name)`.
   * @default `webhooks/<name>`
   */
  readonly path?: string | readonly string[] | false;
  /**
   * How far the signature's time may lie from now, in seconds, in the past and in the future.
   * @default 300
   */
  readonly toleranceSeconds?: number;
  /**
   * The largest body taken, in bytes, after gzip or deflate was inflated. Larger ones get 413.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxBodyBytes?: number;
  /**
   * Whose ids the event ids belong to. Two endpoints of one source share events: what came by both runs
   * once. Give endpoints whose secrets different parties hold (a tenant's, a sandbox beside live)
   * different sources: whoever can sign for a source can use up its event ids.
   * @default `stripe` for all Stripe endpoints, else the endpoint's own name
   */
  readonly source?: string;
}

/** What has to be known before the application is built, so that it stands beside a factory. */
export interface WebhookEndpointExtras {
  /**
   * The endpoint's name, for decorators (`{ endpoint: name }`), logs and `context.endpoint`.
   * @default the sender's, such as `stripe`
   */
  readonly name?: string;
  /** See the option of the same name; a factory's own `path` wins. */
  readonly path?: string | readonly string[] | false;
  /**
   * Class decorators for the generated controller, such as `[Public(), SkipThrottle()]` to exempt it from
   * global guards.
   */
  readonly decorators?: readonly ClassDecorator[];
}
