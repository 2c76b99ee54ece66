import { describe, expect, it } from '@jest/globals';
import { InboxUnavailableError } from '../../src/errors/inbox-unavailable.error.js';
import { memoryEngine } from '../../src/inbox/memory/memory-engine.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { arrival, FAILED, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineBench } from './engine-bench.js';

const KB = 1024;

function start(maxBodyBytes: number): Promise<EngineBench> {
  return startEngine({
    name: 'The memory engine',
    createEngine: () => memoryEngine({ maxBodyBytes }),
  });
}

function eventOf(bytes: number, fields: Partial<WebhookEvent> = {}): WebhookEvent {
  return webhookEvent({ rawBody: Buffer.alloc(bytes, '.'), ...fields });
}

/** Sends an event whose every delivery fails. */
async function fail({ engine, worker }: EngineBench, event: WebhookEvent): Promise<void> {
  worker.answer(() => FAILED);
  await engine.accept([arrival(event, 'a')]);
  await engine.attempted(event);
}

describe('The bodies that the memory engine keeps', () => {
  it('are those of failed deliveries, so that any endpoint may bring the event again', async () => {
    const bench = await start(64 * KB);
    const { engine, worker, consume } = bench;
    const event = eventOf(KB, { endpoint: 'stripe' });
    await consume();
    await fail(bench, event);
    worker.answer(() => SUCCEEDED);

    await engine.accept([arrival(eventOf(2 * KB, { id: event.id, endpoint: 'connect' }))]);

    const stored = await engine.attempted(event);
    expect(stored?.deliveries).toMatchObject([{ endpoint: 'stripe', status: 'succeeded' }]);
    expect(worker.runs.at(-1)?.event.rawBody).toHaveLength(KB);
  });

  it('are the latest of the delivery’s own endpoint', async () => {
    const bench = await start(64 * KB);
    const { engine, worker, consume } = bench;
    const event = eventOf(KB);
    await consume();
    await fail(bench, event);
    worker.answer(() => SUCCEEDED);

    await engine.accept([arrival(eventOf(2 * KB, { id: event.id }))]);

    await engine.attempted(event);
    expect(worker.runs.at(-1)?.event.rawBody).toHaveLength(2 * KB);
  });

  it('are parsed anew for a further attempt, because a handler may have changed the payload', async () => {
    const bench = await start(64 * KB);
    const { engine, worker, consume } = bench;
    const event = eventOf(KB, { endpoint: 'stripe', payload: { changed: true } });
    await consume();
    await fail(bench, event);
    worker.answer(() => SUCCEEDED);

    await engine.accept([arrival(eventOf(KB, { id: event.id, endpoint: 'connect' }))]);

    await engine.attempted(event);
    expect(worker.runs.map(({ event: { payload } }) => payload)).toEqual([
      { changed: true },
      undefined,
    ]);
  });

  it('go when they are too many, the oldest first; the deliveries stay', async () => {
    const bench = await start(4 * KB);
    const { engine, worker, consume } = bench;
    const events = Array.from({ length: 6 }, () => eventOf(KB));
    await consume();
    for (const event of events) await fail(bench, event);
    worker.answer(() => SUCCEEDED);

    for (const { id } of events) {
      await engine.accept([arrival(eventOf(1, { id, endpoint: 'connect' }))]);
      await engine.attempted({ source: 'stripe', id });
    }

    const found = await Promise.all(events.map((event) => statuses(engine, event)));
    expect(found.map(({ a }) => a)).toEqual([
      'failed',
      'failed',
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
  });

  it('come back with the event when its own endpoint brings it again', async () => {
    const bench = await start(KB);
    const { engine, worker, consume } = bench;
    const [dropped, kept] = [eventOf(KB), eventOf(KB)];
    await consume();
    await fail(bench, dropped);
    await fail(bench, kept);
    worker.answer(() => SUCCEEDED);

    await engine.accept([arrival(eventOf(KB, { id: dropped.id, endpoint: 'connect' }), 'a')]);
    const byAnother = await statuses(engine, dropped);
    await engine.accept([arrival(dropped, 'a')]);
    await engine.attempted(dropped);

    expect(byAnother).toEqual({ a: 'failed' });
    expect(await statuses(engine, dropped)).toEqual({ a: 'succeeded' });
    expect(worker.runs.at(-1)).toMatchObject({ attempt: 2, event: { id: dropped.id } });
  });

  it('make room again when their deliveries have succeeded', async () => {
    const bench = await start(2 * KB);
    const { engine, worker, consume } = bench;
    const [first, second, third] = [eventOf(KB), eventOf(KB), eventOf(KB)];
    await consume();
    await fail(bench, first);
    await fail(bench, second);
    worker.answer(() => SUCCEEDED);
    await engine.accept([arrival(second, 'a')]);
    await engine.attempted(second);

    await fail(bench, third);

    worker.answer(() => SUCCEEDED);
    await engine.accept([arrival(eventOf(1, { id: first.id, endpoint: 'connect' }))]);
    await engine.attempted(first);
    expect(await statuses(engine, first)).toEqual({ a: 'succeeded' });
  });

  it('are counted once for an event, however many of its deliveries failed', async () => {
    const { engine, worker, consume } = await start(KB);
    const event = eventOf(KB);
    worker.answer(() => FAILED);
    await consume();
    await engine.accept([arrival(event, 'a', 'b', 'c')]);
    await engine.attempted(event);
    worker.answer(() => SUCCEEDED);

    await engine.accept([arrival(eventOf(1, { id: event.id, endpoint: 'connect' }))]);

    await engine.attempted(event);
    expect(await statuses(engine, event)).toEqual({
      a: 'succeeded',
      b: 'succeeded',
      c: 'succeeded',
    });
  });

  it('make new events be refused while too many wait for their first run', async () => {
    const { engine, worker, consume } = await start(2 * KB);
    const waiting = Array.from({ length: 4 }, () => eventOf(KB));
    await consume(1);
    await Promise.all(waiting.map((event) => engine.accept([arrival(event, 'a')])));
    const refused = eventOf(KB);

    const accepting = engine.accept([arrival(refused, 'a')]);

    await expect(accepting).rejects.toThrow(InboxUnavailableError);
    await expect(accepting).rejects.toMatchObject({ statusCode: 503, retryAfterSeconds: 10 });
    expect(await engine.find(refused)).toBeUndefined();
    worker.answer(() => SUCCEEDED);
    await Promise.all(waiting.map((event) => engine.attempted(event)));
    expect(await engine.accept([arrival(refused, 'a')])).toEqual([{ status: 'accepted' }]);
  });
});
