import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type Stripe from 'stripe';
import {
  OnWebhook,
  WEBHOOK_INBOX_CLOCK,
  WEBHOOK_INBOX_ENGINE,
  WebhookSignatureGuard,
} from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { OnStripeEvent, STRIPE_CLIENT, StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { manualClock, signStripe, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { observedEngine } from '../support/observed-engine.js';

@Injectable()
class Mailer {
  send(_to: string): void {
    throw new Error('No mail is sent in a test.');
  }
}

@Injectable()
class Receipts {
  constructor(private readonly mailer: Mailer) {}

  @OnStripeEvent('invoice.paid')
  onPaid(event: Stripe.InvoicePaidEvent): void {
    this.mailer.send(event.data.object.customer_email ?? 'nobody');
  }
}

describe.each(ADAPTERS)('what a test can replace on %s', (adapter) => {
  it("replaces a handler's own service", async () => {
    const sent: string[] = [];
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [Mailer, Receipts],
      override: (builder) =>
        builder.overrideProvider(Mailer).useValue({ send: (to: string) => void sent.push(to) }),
    });

    const { status } = await stripe().send(
      stripeEvent('invoice.paid', { object: { customer_email: 'ann@example.com' } }),
    );

    expect(status).toBe(200);
    expect(sent).toEqual(['ann@example.com']);
  });

  it('replaces STRIPE_CLIENT', async () => {
    const seen: unknown[] = [];
    const fake = { customers: { retrieve: (id: string) => ({ id, name: 'Ann' }) } };
    @Injectable()
    class Customers {
      @OnStripeEvent('invoice.paid')
      async onPaid(_event: object, { stripe }: StripeWebhookContext): Promise<void> {
        seen.push(await stripe.customers.retrieve('cus_1'));
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [Customers],
      override: (builder) => builder.overrideProvider(STRIPE_CLIENT).useValue(fake),
    });

    const { status } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(seen).toEqual([{ id: 'cus_1', name: 'Ann' }]);
  });

  it('replaces WEBHOOK_INBOX_ENGINE', async () => {
    const { engine, calls } = observedEngine();
    const { stripe } = await startWebhookApp({
      adapter,
      override: (builder) => builder.overrideProvider(WEBHOOK_INBOX_ENGINE).useValue(engine),
    });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(calls).toEqual(['start', 'consume 16', 'accept evt_1']);
  });

  it('replaces WebhookSignatureGuard: unsigned events run their handlers', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Recorder {
      @OnWebhook('stripe', '*')
      record(event: Stripe.Event, { eventId, secretLabel, rawBody }: WebhookContext): void {
        seen.push([event.type, eventId, secretLabel, JSON.parse(rawBody.toString())]);
      }
    }
    const { logger, stripe } = await startWebhookApp({
      adapter,
      providers: [Recorder],
      override: (builder) =>
        builder.overrideGuard(WebhookSignatureGuard).useValue({ canActivate: () => true }),
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });

    const unsigned = { headers: { 'stripe-signature': '' } };
    const answers = [await stripe().send(event, unsigned), await stripe().send(event, unsigned)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(seen).toEqual([['invoice.paid', 'evt_1', undefined, event]]);
    expect(logger.ofLevel('warn')).toEqual([
      'WebhookSignatureGuard has been replaced: events are taken without a signature. Only in tests.',
    ]);
  });

  it('answers 400 to what is no event, also with the guard replaced', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      override: (builder) =>
        builder.overrideGuard(WebhookSignatureGuard).useValue({ canActivate: () => true }),
    });

    const { status, body } = await stripe().send('not json');

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'body_not_json' });
  });

  it('lets a replaced guard refuse', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      override: (builder) =>
        builder.overrideGuard(WebhookSignatureGuard).useValue({ canActivate: () => false }),
    });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(403);
    expect(deliveries).toEqual([]);
  });

  it('replaces WEBHOOK_INBOX_CLOCK, by which signatures and arrivals go', async () => {
    const clock = manualClock(Date.UTC(2031, 0, 1));
    const seen: Date[] = [];
    @Injectable()
    class Recorder {
      @OnWebhook('stripe', '*')
      record(_event: object, { receivedAt }: WebhookContext): void {
        seen.push(receivedAt);
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [Recorder],
      override: (builder) => builder.overrideProvider(WEBHOOK_INBOX_CLOCK).useValue(clock),
    });

    const onTime = await stripe().send(stripeEvent('invoice.paid'));
    const stale = await stripe().send(stripeEvent('invoice.paid'), {
      timestamp: clock.now() / 1000 - 301,
    });

    expect(onTime.status).toBe(200);
    expect(stale).toMatchObject({ status: 400, body: { code: 'timestamp_too_old' } });
    expect(seen).toEqual([new Date(Date.UTC(2031, 0, 1))]);
  });

  it("replaces one endpoint's secrets, by what its options are made of", async () => {
    @Injectable()
    class Secrets {
      stripe(): string {
        throw new Error('The vault is not reachable from a test.');
      }
    }
    @Module({ providers: [Secrets], exports: [Secrets] })
    class SecretsModule {}
    const { tester } = await startWebhookApp({
      adapter,
      imports: [
        StripeWebhooksModule.forRootAsync({
          name: 'vault',
          imports: [SecretsModule],
          inject: [Secrets],
          useFactory: (secrets: Secrets) => ({ secrets: secrets.stripe() }),
        }),
      ],
      override: (builder) =>
        builder.overrideProvider(Secrets).useValue({ stripe: () => 'whsec_of_the_test' }),
    });
    const body = '{"id":"evt_1","type":"invoice.paid"}';
    const headers = { 'stripe-signature': signStripe({ body, secret: 'whsec_of_the_test' }) };

    const byTheTester = await tester.stripe('vault').event('invoice.paid');
    const byHand = await tester.stripe('vault').sendRaw({ headers, body });
    const byAnother = await tester.stripe().sendRaw({ headers, body });

    expect([byTheTester, byHand, byAnother].map(({ status }) => status)).toEqual([200, 200, 400]);
  });
});
