import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type {
  StripeAuthorizationReply,
  StripeReplyOptions,
  StripeWebhookContext,
} from '../../src/stripe/index.js';
import { manualClock, signStripe, stripeEvent } from '../../src/testing/index.js';
import type { ManualClock, StripeEventFields } from '../../src/testing/index.js';
import { startWebhookApp } from './build-webhook-app.js';
import type { WebhookApp, WebhookAppOptions } from './build-webhook-app.js';
import { send } from './send.js';
import type { Answer } from './send.js';

export const REQUEST = 'issuing_authorization.request';
export const APPROVED = { approved: true };
export const FALLBACK = { approved: false };

type Decide = (
  event: Stripe.IssuingAuthorizationRequestEvent,
  context: StripeWebhookContext,
) => unknown;
type ReplyOptions = Partial<StripeReplyOptions<typeof REQUEST>>;

/** What Stripe asks when a card is used. */
export function cardRequest(
  fields: StripeEventFields<typeof REQUEST> = {},
): Stripe.IssuingAuthorizationRequestEvent {
  return stripeEvent(REQUEST, { apiVersion: '2026-10-28.endive', ...fields });
}

/** A class `Cards` whose method `decide` is a reply handler that does as the test says. */
export function cards(decide: Decide, options: ReplyOptions = {}): Type {
  @Injectable()
  class Cards {
    @OnStripeEvent(REQUEST, { reply: true, fallback: FALLBACK, ...options })
    // A test may let it return what does not compile.
    decide(
      event: Stripe.IssuingAuthorizationRequestEvent,
      context: StripeWebhookContext,
    ): StripeAuthorizationReply {
      return decide(event, context) as StripeAuthorizationReply;
    }
  }
  return Cards;
}

/** An application with such a handler, and a clock that stands still. */
export async function startCardApp(
  decide: Decide,
  { providers = [], ...options }: WebhookAppOptions,
  replyOptions: ReplyOptions = {},
): Promise<WebhookApp & { readonly clock: ManualClock }> {
  const clock = manualClock();
  const started = await startWebhookApp({
    clock,
    ...options,
    providers: [cards(decide, replyOptions), ...providers],
  });
  return { ...started, clock };
}

/** The same with a handler that counts its runs: the first reply has the amount 1, the second 2. */
export async function startCountingCardApp(options: WebhookAppOptions) {
  const count = { runs: 0 };
  const decide = (): object => ({ approved: true, amount: ++count.runs });
  const started = await startCardApp(decide, options, { scope: 'any' });
  return { ...started, count };
}

/** Posts an event as Stripe does, and gives the answer with its headers. */
export function post(app: INestApplication, event: object, timestampMs: number): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const body = JSON.stringify(event);
  const timestamp = Math.floor(timestampMs / 1000);
  const headers = { 'stripe-signature': signStripe({ body, secret: 'whsec_stripe', timestamp }) };
  return send(`http://127.0.0.1:${port}/webhooks/stripe`, { body, headers });
}
