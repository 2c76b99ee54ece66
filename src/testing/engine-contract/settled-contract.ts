import type { Arrival, SettledDelivery } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
import {
  arrival,
  DEAD,
  skippedArrival,
  startEngine,
  statuses,
  SUCCEEDED,
  webhookEvent,
} from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 50;
const APPROVED: SettledDelivery = { outcome: SUCCEEDED, attempts: 1, reply: '{"approved":true}' };
const DECLINED: SettledDelivery = { outcome: DEAD, attempts: 1, reply: '{"approved":false}' };
const TOO_LATE: SettledDelivery = { ...DECLINED, attempts: 0 };
const PASSED: SettledDelivery = {
  outcome: { status: 'skipped', reason: 'not our card' },
  attempts: 1,
  reply: '{"approved":false,"metadata":{"why":["nobody’s"]}}',
};

function settledArrival(event: WebhookEvent, settled: SettledDelivery): Arrival {
  return { event, deliveries: [{ handler: 'a', settled }] };
}

export function settledContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('accepting deliveries that have been run already', () => {
    const ended: readonly [SettledDelivery, object][] = [
      [APPROVED, { status: 'succeeded', attempts: 1 }],
      [DECLINED, { status: 'dead', attempts: 1, error: DEAD.error }],
      [TOO_LATE, { status: 'dead', attempts: 0, error: DEAD.error }],
      [PASSED, { status: 'skipped', attempts: 1, reason: 'not our card' }],
    ];
    for (const [settled, stored] of ended) {
      it(`keeps ${JSON.stringify(settled)} as it ended, with its reply`, async () => {
        const { engine } = await startEngine(options);
        const event = webhookEvent({ endpoint: 'cards' });

        const acceptances = await engine.accept([settledArrival(event, settled)]);

        expect(acceptances).toEqual([{ status: 'accepted' }]);
        expect((await engine.find(event))?.deliveries).toEqual([
          { handler: 'a', endpoint: 'cards', reply: JSON.parse(settled.reply), ...stored },
        ]);
      });
    }

    it('hands none of them out, and has nothing to wait for', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();

      await engine.accept([settledArrival(event, DECLINED)]);

      expect((await engine.attempted(event))?.deliveries).toMatchObject([{ status: 'dead' }]);
      expect(worker.runs).toEqual([]);
    });

    it('hands out the other deliveries of their events as usual', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();

      await engine.accept([
        { event, deliveries: [{ handler: 'a', settled: APPROVED }, { handler: 'b' }] },
      ]);
      (await worker.next()).finish(SUCCEEDED);

      expect((await engine.attempted(event))?.deliveries).toMatchObject([
        { handler: 'a', status: 'succeeded', reply: { approved: true } },
        { handler: 'b', status: 'succeeded' },
      ]);
      expect(worker.countByHandler()).toEqual({ b: 1 });
    });

    it('keeps the first reply when the event comes again', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([settledArrival(event, DECLINED)]);
      const before = await engine.find(event);

      const acceptances = await engine.accept([
        settledArrival(event, APPROVED),
        arrival(event, 'a'),
        skippedArrival(event, 'a', 'of the other mode'),
      ]);

      expect(acceptances.map(({ status }) => status)).toEqual(['repeated', 'repeated', 'repeated']);
      expect(await engine.find(event)).toEqual(before);
      expect(worker.runs).toEqual([]);
    });

    it('keeps one of many replies that come at once', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent();
      const settled = Array.from({ length: MANY }, (_each, index) => ({
        ...APPROVED,
        reply: JSON.stringify({ index }),
      }));

      const results = await Promise.all(
        settled.map((each) => engine.accept([settledArrival(event, each)])),
      );

      const first = results.findIndex(([result]) => result?.status === 'accepted');
      expect(results.flat().filter(({ status }) => status === 'accepted')).toHaveLength(1);
      expect((await engine.find(event))?.deliveries).toMatchObject([{ reply: { index: first } }]);
    });

    it('puts them in the place of what a filter turned away', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent();
      await engine.accept([skippedArrival(event, 'a', 'of the other mode')]);

      await engine.accept([settledArrival(event, APPROVED)]);

      const stored = await engine.find(event);
      expect(stored?.deliveries).toMatchObject([
        { status: 'succeeded', attempts: 1, reply: { approved: true } },
      ]);
      expect(stored?.deliveries[0]).not.toHaveProperty('reason');
    });

    it('leaves a delivery alone that is under way', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      const run = await worker.next();

      await engine.accept([settledArrival(event, APPROVED)]);

      expect(await statuses(engine, event)).toEqual({ a: 'running' });
      run.finish(DEAD);
      expect((await engine.attempted(event))?.deliveries).toMatchObject([{ status: 'dead' }]);
    });
  });
}
