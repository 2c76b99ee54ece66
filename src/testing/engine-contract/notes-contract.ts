import { startEngine } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

/** What is remembered under keys, and names that one owner has. */
export function notesContract({ it, expect }: TestRunner, options: EngineContractOptions): void {
  it('recalls what was remembered last under a key, and nothing under another', async () => {
    const { engine } = await startEngine(options);

    await engine.remember('reconciled', 'first');
    await engine.remember('reconciled', "second 'quoted' ✓");

    expect(await engine.recall('reconciled')).toBe("second 'quoted' ✓");
    expect(await engine.recall('constructor')).toBeUndefined();
  });

  it('knows when its store was made', async () => {
    const { engine } = await startEngine(options);

    const created = await engine.recall('created');

    expect(new Date(created!).toISOString()).toBe(created);
  });

  it('gives a name to one of many owners that want it at once', async () => {
    const { engine } = await startEngine(options);
    const owners = Array.from({ length: 10 }, (_, index) => `owner ${index}`);

    const claims = await Promise.all(owners.map((each) => engine.claim('job', each, 60_000)));

    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('lets the owner keep a name, and another name be taken', async () => {
    const { engine } = await startEngine(options);
    await engine.claim('job', 'one', 60_000);

    expect(await engine.claim('job', 'one', 60_000)).toBe(true);
    expect(await engine.claim('other', 'two', 60_000)).toBe(true);
  });

  it('frees a name that its owner gives back, and no other owner can', async () => {
    const { engine } = await startEngine(options);
    await engine.claim('job', 'one', 60_000);

    await engine.release('job', 'two');
    const tooEarly = await engine.claim('job', 'two', 60_000);
    await engine.release('job', 'one');
    const free = await engine.claim('job', 'two', 60_000);

    expect([tooEarly, free]).toEqual([false, true]);
  });

  it('frees a name when its time is over', async () => {
    const { engine } = await startEngine(options);
    await engine.claim('job', 'one', 0);

    expect(await engine.claim('job', 'two', 60_000)).toBe(true);
    expect(await engine.claim('job', 'one', 60_000)).toBe(false);
  });
}
