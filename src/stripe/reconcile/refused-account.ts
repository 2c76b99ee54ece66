import { toKeptError } from '../../handlers/to-kept-error.js';
import { concealKeys } from '../api/conceal-keys.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import type { StripeStream } from './stripe-stream.js';

/** A connected account whose events Stripe does not list, such as one that was disconnected. */
export interface RefusedAccount {
  readonly account: string;
  readonly format: StripeEventFormat;
  readonly livemode: boolean;
  /** What Stripe says. */
  readonly message: string;
}

/** Undefined for an error that is about more than one account: a wrong key, a limit, Stripe failing. */
export function toRefusedAccount(
  error: unknown,
  { account, format, livemode }: StripeStream,
): RefusedAccount | undefined {
  const { statusCode = 0 } = (error ?? {}) as { readonly statusCode?: number };
  const isAboutAccount = [400, 403, 404].includes(statusCode);
  if (account === undefined || !isAboutAccount) return undefined;
  return { account, format, livemode, message: concealKeys(toKeptError(error).message) };
}
