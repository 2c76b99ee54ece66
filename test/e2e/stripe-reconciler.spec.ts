import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { memoryEngine, WebhookConfigurationError, WebhookInbox } from '../../src/index.js';
import { OnStripeEvent, StripeReconciler } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, cards } from '../support/card-app.js';
import {
  HOUR_MS,
  Ledgers,
  paidInvoices,
  secondsAgo,
  startReconciledApp,
  survivingEngine,
} from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

@Injectable()
class AllEvents {
  readonly ids: string[] = [];

  @OnStripeEvent('*', { scope: 'any' })
  onAny(event: { id: string }): void {
    this.ids.push(event.id);
  }
}

describe.each(ADAPTERS)('Reconciling with Stripe on %s', (adapter) => {
  it('runs the handlers once for what never came, and not for what did', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock, stripe } = await startReconciledApp({ adapter, client });
    const [delivered, missed] = paidInvoices(clock, 2);
    const unwanted = stripeEvent('charge.failed', { created: secondsAgo(clock, HOUR_MS / 2) });
    for (const event of [delivered!, missed!, unwanted]) api.addEvent(event);
    await stripe().send(delivered!);

    const first = await reconciler.run();
    const second = await reconciler.run();

    expect(first).toEqual({
      status: 'complete',
      checked: 2,
      missed: [
        {
          id: missed!.id,
          type: 'invoice.paid',
          source: 'stripe',
          endpoints: ['stripe'],
          format: 'snapshot',
          livemode: false,
          account: undefined,
          createdAt: new Date(missed!.created * 1000),
        },
      ],
      refused: [],
    });
    expect(second).toMatchObject({ status: 'complete', checked: 2, missed: [] });
    expect(ledgers.runs).toEqual([delivered!.id, missed!.id]);
  });

  it('stores what it finds as reconciled, with the source of what is delivered', async () => {
    const { api, client } = await openStripeAccount();
    const { app, reconciler, ledgers, clock, stripe } = await startReconciledApp({
      adapter,
      client,
    });
    const [event] = paidInvoices(clock, 1);
    api.addEvent(event!);

    await reconciler.run();
    const { status } = await stripe().send(event!);

    expect(status).toBe(200);
    expect(await app.get(WebhookInbox).find('stripe', event!.id)).toMatchObject({
      source: 'stripe',
      arrivedBy: 'reconciled',
      deliveries: [{ status: 'succeeded', attempts: 1 }],
    });
    expect(ledgers.contexts).toMatchObject([{ arrivedBy: 'reconciled', secretLabel: undefined }]);
  });

  it('leaves out what a reply was waited for', async () => {
    const { api, client } = await openStripeAccount();
    const providers = [cards(() => APPROVED, { scope: 'any' })];
    const { reconciler, clock } = await startReconciledApp({ adapter, client, providers });
    api.addEvent(cardRequest({ created: secondsAgo(clock, HOUR_MS / 2) }));

    const { checked } = await reconciler.run({ accounts: [] });

    expect(checked).toBe(0);
  });

  it('runs other handlers of such an event, and not the one whose reply was waited for', async () => {
    const { api, client } = await openStripeAccount();
    const replies: string[] = [];
    const reply = (event: { id: string }) => {
      replies.push(event.id);
      return APPROVED;
    };
    const providers = [cards(reply, { scope: 'any' }), AllEvents];
    const { app, reconciler, clock } = await startReconciledApp({ adapter, client, providers });
    const request = cardRequest({ created: secondsAgo(clock, HOUR_MS / 2) });
    api.addEvent(request);

    await reconciler.run({ accounts: [] });
    const stored = await app.get(WebhookInbox).find('stripe', request.id);

    expect(app.get(AllEvents).ids).toEqual([request.id]);
    expect(replies).toEqual([]);
    expect(stored!.deliveries.map(({ status }) => status).toSorted()).toEqual([
      'skipped',
      'succeeded',
    ]);
  });

  it('says in a dry run what was missed, and does nothing about it', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    api.addEvent(paidInvoices(clock, 1)[0]!);

    const dry = await reconciler.run({ accounts: [], dryRun: true });
    const runsOfDryRun = [...ledgers.runs];
    const wet = await reconciler.run({ accounts: [] });

    expect(dry.missed).toHaveLength(1);
    expect(runsOfDryRun).toEqual([]);
    expect(wet.missed).toHaveLength(1);
  });

  it('leaves what may still be on its way', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    api.addEvent(stripeEvent('invoice.paid', { created: secondsAgo(clock, 30_000) }));

    const now = await reconciler.run({ accounts: [] });
    await clock.advance(60_000);
    const later = await reconciler.run({ accounts: [] });

    expect(now.missed).toEqual([]);
    expect(later.missed).toHaveLength(1);
  });

  it('refuses an engine that would know nothing of what came before', async () => {
    const { client } = await openStripeAccount();
    const { app } = await startWebhookApp({
      adapter,
      endpoints: [{ client }],
      inbox: { engine: memoryEngine() },
      providers: [Ledgers],
    });

    const running = app.get(StripeReconciler).run();

    await expect(running).rejects.toThrow(WebhookConfigurationError);
    await expect(running).rejects.toThrow('stores nothing that outlives the process');
  });

  it('refuses an inbox that forgets ids while Stripe still lists their events', async () => {
    const { client } = await openStripeAccount();
    const inbox = { engine: survivingEngine(), keepIdsDays: 30, keepBodiesDays: 7 };
    const { app } = await startWebhookApp({ adapter, endpoints: [{ client }], inbox });

    const running = app.get(StripeReconciler).run();

    await expect(running).rejects.toThrow('needs keepIdsDays of 31 or more, and it is 30');
  });
});
