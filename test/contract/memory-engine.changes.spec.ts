import { expect, it } from '@jest/globals';
import { memoryEngine } from '../../src/inbox/memory/memory-engine.js';
import { arrival, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';

it('The memory engine forgets a change with its event', async () => {
  const { engine, worker, consume } = await startEngine({
    name: 'The memory engine',
    createEngine: () => memoryEngine({ maxEvents: 1 }),
  });
  const [snapshot, notification] = [webhookEvent(), webhookEvent()];
  const announce = (event: typeof snapshot, format: string) =>
    engine.accept([{ event, deliveries: [{ handler: 'a', change: { id: snapshot.id, format } }] }]);
  worker.answer(() => SUCCEEDED);
  await consume();
  await announce(snapshot, 'snapshot');
  await engine.attempted(snapshot);
  const other = webhookEvent();
  await engine.accept([arrival(other, 'a')]);
  await engine.attempted(other);

  await announce(notification, 'notification');

  await engine.attempted(notification);
  expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
});

it('The memory engine keeps the body of a second format that is replayed while the first runs', async () => {
  const { engine, worker, consume } = await startEngine({
    name: 'The memory engine',
    createEngine: () => memoryEngine(),
  });
  const [snapshot, notification] = [webhookEvent(), webhookEvent()];
  const announce = (event: typeof snapshot, format: string) =>
    engine.accept([{ event, deliveries: [{ handler: 'a', change: { id: snapshot.id, format } }] }]);
  await consume(1);
  await announce(snapshot, 'snapshot');
  const first = await worker.next();
  await announce(notification, 'notification');
  await engine.replay([{ event: notification, deliveries: [{ handler: 'a' }] }]);

  first.finish(SUCCEEDED);

  const second = await worker.next();
  expect(second.event.rawBody).toEqual(notification.rawBody);
  second.finish(SUCCEEDED);
  await engine.attempted(notification);
  expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
});
