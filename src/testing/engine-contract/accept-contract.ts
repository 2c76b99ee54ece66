import { arrival, skippedArrival, START, startEngine, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 200;

export function acceptContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('accepting events', () => {
    it('has stored an event with its deliveries when it says so', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent({ type: 'customer.created', endpoint: 'connect' });

      const acceptances = await engine.accept([arrival(event, 'a', 'b')]);

      expect(acceptances).toEqual([{ status: 'accepted' }]);
      expect(await engine.find({ source: event.source, id: event.id })).toEqual({
        source: 'stripe',
        id: event.id,
        type: 'customer.created',
        arrivedBy: 'http',
        endpoint: 'connect',
        receivedAt: new Date(START),
        deliveries: [
          { handler: 'a', endpoint: 'connect', status: 'pending', attempts: 0 },
          { handler: 'b', endpoint: 'connect', status: 'pending', attempts: 0 },
        ],
      });
    });

    it('stores an event that no handler wants', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent();

      await engine.accept([arrival(event)]);

      expect(await engine.find(event)).toMatchObject({ id: event.id, deliveries: [] });
    });

    it('stores what a filter turned away as skipped, with the reason', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();

      await engine.accept([skippedArrival(event, 'a', 'of the other mode')]);

      const stored = await engine.attempted(event);
      expect(stored?.deliveries).toMatchObject([
        { handler: 'a', status: 'skipped', reason: 'of the other mode', attempts: 0 },
      ]);
      expect(worker.runs).toEqual([]);
    });

    it('answers for each arrival, in order', async () => {
      const { engine } = await startEngine(options);
      const [known, first, second] = [webhookEvent(), webhookEvent(), webhookEvent()];
      await engine.accept([arrival(known, 'a')]);

      const acceptances = await engine.accept([
        arrival(first, 'a'),
        arrival(known, 'a'),
        arrival(second, 'a'),
        arrival(first, 'a'),
      ]);

      expect(acceptances.map(({ status }) => status)).toEqual([
        'accepted',
        'repeated',
        'accepted',
        'repeated',
      ]);
    });

    it('answers for no arrivals with no results', async () => {
      const { engine } = await startEngine(options);

      expect(await engine.accept([])).toEqual([]);
    });

    it('tells events of different sources apart by more than their ids', async () => {
      const { engine } = await startEngine(options);
      const ours = webhookEvent({ source: 'stripe', id: 'evt_same' });
      const theirs = webhookEvent({ source: 'tenant', id: 'evt_same', type: 'other.type' });

      const acceptances = await engine.accept([arrival(ours, 'a'), arrival(theirs, 'a')]);

      expect(acceptances).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
      expect((await engine.find(theirs))?.type).toBe('other.type');
    });

    it('tells events apart whose source and id only look alike when put together', async () => {
      const { engine } = await startEngine(options);
      const events = [
        webhookEvent({ source: 'a:b', id: 'c' }),
        webhookEvent({ source: 'a', id: 'b:c' }),
        webhookEvent({ source: 'a', id: 'B:C' }),
        webhookEvent({ source: '__proto__', id: 'constructor' }),
      ];

      const acceptances = await engine.accept(events.map((event) => arrival(event, 'a')));

      expect(acceptances.map(({ status }) => status)).toEqual(events.map(() => 'accepted'));
    });

    it('accepts one of many arrivals of the same event that come at once', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();

      const accepting = Array.from({ length: MANY }, () => engine.accept([arrival(event, 'a')]));

      const results = (await Promise.all(accepting)).flat().map(({ status }) => status);
      expect(results.filter((status) => status === 'accepted')).toHaveLength(1);
      expect(results.filter((status) => status === 'repeated')).toHaveLength(MANY - 1);
      await worker.next();
      expect((await engine.find(event))?.deliveries).toHaveLength(1);
      expect(worker.runs).toHaveLength(1);
    });

    it('gives every handler one delivery when arrivals for different ones come at once', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent();
      const handlers = Array.from({ length: MANY }, (_, index) => `handler ${index % 10}`);

      await Promise.all(handlers.map((handler) => engine.accept([arrival(event, handler)])));

      const stored = await engine.find(event);
      expect(stored?.deliveries.map(({ handler }) => handler).sort()).toEqual(
        [...new Set(handlers)].sort(),
      );
    });

    it('accepts every one of many different events that come at once', async () => {
      const { engine } = await startEngine(options);
      const events = Array.from({ length: MANY }, () => webhookEvent());

      const accepting = events.map((event) => engine.accept([arrival(event, 'a')]));

      const results = (await Promise.all(accepting)).flat();
      expect(results).toEqual(events.map(() => ({ status: 'accepted' })));
      const stored = await Promise.all(events.map((event) => engine.find(event)));
      expect(stored.map((event) => event?.id)).toEqual(events.map(({ id }) => id));
    });
  });
}
