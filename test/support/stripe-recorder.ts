import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { signStripe } from '../../src/testing/index.js';

export const SECRET = 'whsec_the_right_one';

/** A handler of every Stripe event that keeps what it gets. */
@Injectable()
export class StripeRecorder {
  readonly events: Stripe.Event[] = [];
  readonly contexts: StripeWebhookContext[] = [];

  @OnStripeEvent('*', { scope: 'any' })
  record(event: Stripe.Event, context: StripeWebhookContext): void {
    this.events.push(event);
    this.contexts.push(context);
  }

  /** The bytes of the last event. */
  get lastRawBody(): Buffer | undefined {
    return this.contexts.at(-1)?.rawBody;
  }
}

let lastId = 0;

/** The JSON of an event with an id of its own; `more` is spliced in before the closing brace. */
export function eventJson(more = ''): string {
  lastId += 1;
  return `{"id":"evt_${lastId}","object":"event","type":"invoice.paid"${more}}`;
}

/** The headers of a body that Stripe signed now. */
export function signedHeaders(
  body: string | Uint8Array,
  { secret = SECRET, timestamp, headers }: SignedHeadersOptions = {},
): Record<string, string> {
  const signature = signStripe({ body, secret, ...(timestamp !== undefined && { timestamp }) });
  return { 'content-type': 'application/json', ...headers, 'stripe-signature': signature };
}

interface SignedHeadersOptions {
  readonly secret?: string;
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, string>>;
}
