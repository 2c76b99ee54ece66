/** What the double answers. */
export interface StripeApiAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StripeApiFailure {
  readonly status: number;
  /** @default the one Stripe has for the status */
  readonly code?: string;
  /** @default the one Stripe has for the status */
  readonly type?: string;
  readonly message?: string;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

export function errorAnswer({
  status,
  type = typeOf(status),
  code = codeOf(status),
  message = `The double was told to answer ${status}.`,
  retryAfterSeconds,
}: StripeApiFailure): StripeApiAnswer {
  return {
    status,
    body: { error: { type, ...(code !== undefined && { code }), message } },
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': `${retryAfterSeconds}` } }),
  };
}

export function missing(what: string): StripeApiAnswer {
  return errorAnswer({ status: 404, message: `No such ${what}` });
}

export function refused(message: string): StripeApiAnswer {
  return errorAnswer({ status: 400, code: 'parameter_invalid', message });
}

function typeOf(status: number): string {
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}

function codeOf(status: number): string | undefined {
  return new Map([
    [404, 'resource_missing'],
    [429, 'rate_limit'],
  ]).get(status);
}
