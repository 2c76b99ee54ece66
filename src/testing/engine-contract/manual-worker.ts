import type { DueDelivery, Outcome, RunDelivery } from '../../inbox/webhook-engine.interface.js';

/** One attempt that an engine has handed out and that a test ends. */
export interface ManualRun extends DueDelivery {
  finish(outcome: Outcome): void;
}

/** Runs deliveries as a test says, and remembers all it was handed. */
export class ManualWorker {
  readonly runs: ManualRun[] = [];
  /** The largest number of attempts that were under way together. */
  mostAtOnce = 0;
  /** Deliveries that were handed out again while they were running. */
  readonly ranTwiceAtOnce: string[] = [];
  readonly #running = new Map<string, ManualRun>();
  readonly #unseen: ManualRun[] = [];
  readonly #waiting: ((run: ManualRun) => void)[] = [];
  #answer: ((delivery: DueDelivery) => Outcome) | undefined;

  readonly run: RunDelivery = async (delivery) => {
    const key = `${delivery.event.source} ${delivery.event.id} ${delivery.handler}`;
    if (this.#running.has(key)) this.ranTwiceAtOnce.push(key);
    const outcome = await new Promise<Outcome>((resolve) => {
      const run: ManualRun = { ...delivery, finish: resolve };
      this.runs.push(run);
      this.#running.set(key, run);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.size);
      this.#show(run);
    });
    this.#running.delete(key);
    return outcome;
  };

  /** From now on every attempt ends by itself, a turn of the event loop after it began. */
  answer(answer: (delivery: DueDelivery) => Outcome): void {
    this.#answer = answer;
    this.#running.forEach((run) => run.finish(answer(run)));
  }

  /** The next attempt that the test has not seen yet. */
  next(): Promise<ManualRun> {
    const run = this.#unseen.shift();
    return run ? Promise.resolve(run) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** How often each handler was run, whatever the event. */
  countByHandler(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { handler } of this.runs) counts[handler] = (counts[handler] ?? 0) + 1;
    return counts;
  }

  #show(run: ManualRun): void {
    const answer = this.#answer;
    if (answer) {
      setImmediate(() => run.finish(answer(run)));
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting(run);
    else this.#unseen.push(run);
  }
}
