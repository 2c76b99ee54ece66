import type Stripe from 'stripe';
import type { Patience } from './patience.js';
import { StripeApi } from './stripe-api.js';

/** Reads Stripe's API for as long as it takes: waits where Stripe asks for it, and where it fails. */
export class PatientStripeApi extends StripeApi {
  constructor(
    client: Stripe,
    private readonly patience: Patience,
  ) {
    super(client);
  }

  override get<Answer>(path: string): Promise<Answer> {
    return this.patience.persist(() => super.get<Answer>(path), stripeDelayMs);
  }
}

interface StripeFailure {
  readonly statusCode?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who is told to wait longer is told so again. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** How long to wait after an error; undefined for one that is not going to pass. */
function stripeDelayMs(error: unknown, usualMs: number): number | undefined {
  // By the fields: the SDK's classes differ between its two module formats.
  const { statusCode, type, headers } = (error ?? {}) as StripeFailure;
  if (statusCode === 429) {
    const seconds = Number(headers?.['retry-after']);
    return seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : usualMs;
  }
  const isTemporary = (statusCode ?? 0) >= 500 || type === 'StripeConnectionError';
  return isTemporary ? usualMs : undefined;
}
