import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as runner from '@jest/globals';
import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { systemClock } from '../../src/inbox/clock.js';
import { memoryEngine } from '../../src/inbox/memory/memory-engine.js';
import type { MemoryEngineOptions } from '../../src/inbox/memory/memory-engine.options.js';
import { arrival, FAILED, START, startEngine, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineBench } from './engine-bench.js';
import { engineContract } from '../../src/testing/engine-contract/engine-contract.js';

engineContract(runner, {
  name: 'The memory engine',
  createEngine: () => memoryEngine({ keepBodies: true }),
  lacks: ['fifo'],
});

function start(bounds: MemoryEngineOptions = {}): Promise<EngineBench> {
  return startEngine({ name: 'The memory engine', createEngine: () => memoryEngine(bounds) });
}

const DAY_MS = 24 * 60 * 60 * 1000;

describe('The memory engine', () => {
  it('survives nothing, and says so', () => {
    expect(memoryEngine({ keepBodies: true }).capabilities).toEqual({
      survives: 'nothing',
      lacks: ['fifo'],
    });
  });

  it.each<MemoryEngineOptions>([
    { maxEvents: 0 },
    { maxEvents: 0.5 },
    { maxEvents: NaN },
    { maxAgeMs: -1 },
    { maxBodyBytes: 0 },
  ])('refuses a bound that is not a number of at least 1: %p', (bounds) => {
    expect(() => memoryEngine(bounds)).toThrow(WebhookConfigurationError);
    expect(() => memoryEngine(bounds)).toThrow(Object.keys(bounds)[0]);
  });

  it('remembers as many finished events as it is told to, the oldest going first', async () => {
    const { engine, worker, consume } = await start({ maxEvents: 3 });
    const events = Array.from({ length: 5 }, () => webhookEvent());
    worker.answer(() => SUCCEEDED);
    await consume();

    for (const event of events) {
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);
    }

    const found = await Promise.all(events.map((event) => engine.find(event)));
    expect(found.map((event) => event?.id)).toEqual([
      undefined,
      undefined,
      ...events.slice(2).map(({ id }) => id),
    ]);
  });

  it('runs an event again that it has forgotten', async () => {
    const { engine, worker, consume } = await start({ maxEvents: 1 });
    const [first, second] = [webhookEvent(), webhookEvent()];
    worker.answer(() => SUCCEEDED);
    await consume();
    for (const event of [first, second]) {
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);
    }

    const acceptances = await engine.accept([arrival(first, 'a')]);

    expect(acceptances).toEqual([{ status: 'accepted' }]);
    await engine.attempted(first);
    expect(worker.runs.map(({ event }) => event.id)).toEqual([first.id, second.id, first.id]);
  });

  it('never forgets an event that has something to run, whatever the bound', async () => {
    const { engine, worker, consume } = await start({ maxEvents: 1 });
    const running = webhookEvent();
    await consume();
    await engine.accept([arrival(running, 'a')]);
    await worker.next();

    for (let count = 0; count < 5; count++) await engine.accept([arrival(webhookEvent())]);

    expect((await engine.find(running))?.deliveries).toMatchObject([{ status: 'running' }]);
  });

  it('remembers a finished event for as long as it is told to', async () => {
    const { engine, clock, worker, consume } = await start({ maxAgeMs: 7 * DAY_MS });
    const event = webhookEvent();
    worker.answer(() => SUCCEEDED);
    await consume();
    await engine.accept([arrival(event, 'a')]);
    await engine.attempted(event);

    await clock.advance(7 * DAY_MS);
    await engine.accept([arrival(webhookEvent())]);
    const foundAtTheEdge = await engine.find(event);
    await clock.advance(1);
    await engine.accept([arrival(webhookEvent())]);

    expect(foundAtTheEdge?.id).toBe(event.id);
    expect(await engine.find(event)).toBeUndefined();
  });

  it('retries nothing by itself', async () => {
    const { engine, clock, worker, consume } = await start();
    const event = webhookEvent();
    worker.answer(() => FAILED);
    await consume();
    await engine.accept([arrival(event, 'a')]);
    await engine.attempted(event);

    await clock.advance(30 * DAY_MS);

    expect(worker.runs).toHaveLength(1);
  });

  it('runs a delivery whose handler has set a time when the event comes after it', async () => {
    const { engine, clock, worker, consume } = await start();
    const event = webhookEvent();
    const retryAt = new Date(START + 60_000);
    worker.answer(({ attempt }) =>
      attempt === 1 ? { ...FAILED, retryAt, isHeld: true } : SUCCEEDED,
    );
    await consume();
    await engine.accept([arrival(event, 'a')]);
    await engine.attempted(event);

    await clock.advance(59_999);
    await engine.accept([arrival(event, 'a')]);
    const tooEarly = await engine.attempted(event);
    await clock.advance(1);
    await engine.accept([arrival(event, 'a')]);
    const inTime = await engine.attempted(event);

    expect(tooEarly?.deliveries).toMatchObject([{ status: 'failed', attempts: 1 }]);
    expect(inTime?.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
  });

  it('starts again after it has stopped, with what it kept', async () => {
    const { engine, clock, worker, consume } = await start();
    const event = webhookEvent();
    await consume(1);
    await engine.accept([arrival(event, 'a', 'b')]);
    const run = await worker.next();
    const stopped = engine.stop();
    run.finish(SUCCEEDED);
    await stopped;

    await engine.start({ clock });
    await consume();

    (await worker.next()).finish(SUCCEEDED);
    const stored = await engine.attempted(event);
    expect(stored?.deliveries.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(worker.countByHandler()).toEqual({ a: 1, b: 1 });
  });

  it('does not grow with the number of events that went through it', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const engine = memoryEngine({ maxEvents: 1000 });
    await engine.start({ clock: systemClock });
    await engine.consume(async () => SUCCEEDED, { concurrency: 16 });
    const send = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++)
        await engine.accept([arrival(webhookEvent(), 'a')]);
    };
    const heapUsed = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await send(5000);
    const before = heapUsed();

    await send(300_000);

    expect(heapUsed() - before).toBeLessThan(4 * 1024 * 1024);
  }, 60_000);
});
