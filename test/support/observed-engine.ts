import { memoryEngine } from '../../src/index.js';
import type { WebhookEngine } from '../../src/index.js';

export interface ObservedEngine {
  readonly engine: WebhookEngine;
  /** What the application has asked of it, in order. */
  readonly calls: readonly string[];
}

/** The memory engine with a record of how it is used; `replaced` are methods of the test's own. */
export function observedEngine(replaced: Partial<WebhookEngine> = {}): ObservedEngine {
  const memory = memoryEngine();
  const calls: string[] = [];
  const engine: WebhookEngine = {
    capabilities: memory.capabilities,
    start: (environment) => {
      calls.push('start');
      return memory.start(environment);
    },
    accept: (arrivals) => {
      calls.push(`accept ${arrivals.map(({ event }) => event.id).join()}`);
      return memory.accept(arrivals);
    },
    consume: (run, options) => {
      calls.push(`consume ${options.concurrency}`);
      return memory.consume(run, options);
    },
    attempted: (key) => memory.attempted(key),
    find: (key) => memory.find(key),
    stop: () => {
      calls.push('stop');
      return memory.stop();
    },
    ...replaced,
  };
  return { engine, calls };
}
