import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import {
  EventQueryError,
  memoryEngine,
  WEBHOOK_INBOX_ENGINE,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { WebhookEngine } from '../../src/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { cardRequest, REQUEST, startCountingCardApp } from '../support/card-app.js';

const CANNOT = 'a reply handler runs only where its reply can be sent';

describe.each(ADAPTERS)('a reply handler on %s, where no reply can be sent,', (adapter) => {
  it('is skipped by receive(), and replies when its sender posts the event', async () => {
    const { app, count, stripe } = await startCountingCardApp({ adapter });
    const event = cardRequest();

    const received = await app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event });
    const runsAfterReceive = count.runs;
    const { body, deliveries } = await stripe().send(event);

    expect(received.deliveries).toMatchObject([{ status: 'skipped', reason: CANNOT }]);
    expect(runsAfterReceive).toBe(0);
    expect(body).toEqual({ approved: true, amount: 1 });
    expect(deliveries).toMatchObject([{ status: 'succeeded', attempts: 1 }]);
  });

  it('keeps its reply when receive() brings the event again', async () => {
    const { app, count, stripe } = await startCountingCardApp({ adapter });
    const event = cardRequest();
    const { deliveries } = await stripe().send(event);

    const received = await app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event });

    expect(received.deliveries).toEqual(deliveries);
    expect(count.runs).toBe(1);
  });

  it('is not replayed', async () => {
    const engine = memoryEngine({ keepBodies: true });
    const { app, count, stripe } = await startCountingCardApp({ adapter, inbox: { engine } });
    const { deliveries } = await stripe().send(cardRequest({ id: 'evt_1' }));
    const admin = app.get(WebhookInboxAdmin);

    const report = await admin.replay({ type: REQUEST });

    expect(report).toMatchObject({ events: 0, deliveries: 0 });
    await expect(admin.replay({ handler: 'Cards.decide' })).rejects.toThrow(EventQueryError);
    await expect(admin.replay({ id: 'evt_1' }, { handlers: ['Cards.decide'] })).rejects.toThrow(
      'Cards.decide replies to its sender',
    );
    const stored = await app.get(WebhookInbox).find('stripe', 'evt_1');
    expect(stored?.deliveries).toEqual(deliveries);
    expect(count.runs).toBe(1);
  });

  it('is skipped where an engine hands it out all the same', async () => {
    const replayed = memoryEngine({ keepBodies: true });
    const { app, count, stripe } = await startCountingCardApp({
      adapter,
      inbox: { engine: replayed },
    });
    await stripe().send(cardRequest({ id: 'evt_1' }));
    const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE);
    const key = { source: 'stripe', id: 'evt_1' };

    await engine.replay([{ event: key, deliveries: [{ handler: 'Cards.decide' }] }]);

    expect((await engine.attempted(key))?.deliveries).toMatchObject([
      { status: 'skipped', reason: CANNOT },
    ]);
    expect(count.runs).toBe(1);
  });

  it('cannot be paused', async () => {
    const { app } = await startCountingCardApp({ adapter });

    const paused = app.get(WebhookInboxAdmin).pause('Cards.decide');

    await expect(paused).rejects.toThrow(EventQueryError);
  });
});
