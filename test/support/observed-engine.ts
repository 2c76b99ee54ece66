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
    ...forward(memory),
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
    stop: () => {
      calls.push('stop');
      return memory.stop();
    },
    ...replaced,
  };
  return { engine, calls };
}

/** The methods of an engine as properties of a plain object. */
function forward(engine: WebhookEngine): WebhookEngine {
  return {
    capabilities: engine.capabilities,
    start: (environment) => engine.start(environment),
    accept: (arrivals) => engine.accept(arrivals),
    consume: (run, options) => engine.consume(run, options),
    attempted: (key) => engine.attempted(key),
    find: (key) => engine.find(key),
    list: (query) => engine.list(query),
    stats: () => engine.stats(),
    load: (key) => engine.load(key),
    replay: (replays) => engine.replay(replays),
    retryNow: (key, handler) => engine.retryNow(key, handler),
    unblock: (key, handler) => engine.unblock(key, handler),
    pause: (handler) => engine.pause(handler),
    resume: (handler) => engine.resume(handler),
    prune: (before) => engine.prune(before),
    recall: (key) => engine.recall(key),
    remember: (key, value) => engine.remember(key, value),
    claim: (name, owner, leaseMs) => engine.claim(name, owner, leaseMs),
    release: (name, owner) => engine.release(name, owner),
    stop: () => engine.stop(),
    abandon: () => engine.abandon(),
  };
}
