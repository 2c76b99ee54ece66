import type { Clock } from '../clock.js';
import { publishRecorded } from '../publish-recorded.js';
import type { Outcome, RunDelivery } from '../webhook-engine.interface.js';
import { DueDeliveries } from './due-deliveries.js';
import type { Turn } from './due-deliveries.js';
import type { MemoryChanges } from './memory-changes.js';
import type { MemoryEventStore } from './memory-event-store.js';
import type { MemoryDelivery } from './memory-event.js';
import { RateCounter } from './rate-counter.js';

/** Runs the deliveries of the memory engine that are due, so many at a time. */
export class MemoryWorker {
  readonly #settled = new RateCounter();
  readonly #paused = new Set<string>();
  readonly #parked = new WeakSet<MemoryDelivery>();
  readonly #due = new DueDeliveries(
    (callback, delayMs) => this.getClock().setTimer(callback, delayMs),
    () => this.runDue(),
  );
  #run: RunDelivery | undefined;
  #concurrency = 0;
  #running = 0;
  #onIdle: (() => void)[] = [];

  constructor(
    private readonly events: MemoryEventStore,
    private readonly changes: MemoryChanges,
    private readonly getClock: () => Clock,
  ) {}

  get waitingBodyBytes(): number {
    return this.#due.bodyBytes;
  }

  /** The handlers of which nothing is run. */
  get paused(): readonly string[] {
    return [...this.#paused];
  }

  settledLastMinute(): number {
    return this.#settled.lastMinute(this.getClock().now());
  }

  start(run: RunDelivery, concurrency: number): void {
    if (this.#run) throw new Error('This engine has a consumer already.');
    this.#run = run;
    this.#concurrency = concurrency;
    this.#due.start();
    this.runDue();
  }

  /** Queues a delivery that is due, of an event that was placed in the store since. */
  queue(delivery: MemoryDelivery): void {
    this.#due.add(delivery);
  }

  /** Queues a delivery that has become due again. */
  add(delivery: MemoryDelivery): void {
    this.queue(delivery);
    this.#place(delivery);
  }

  runDue(): void {
    while (this.#run && this.#running < this.#concurrency) {
      const turn = this.#due.next();
      if (!turn) return;
      if (this.#paused.has(turn.delivery.wanted.handler)) {
        this.#park(turn);
        continue;
      }
      this.#running += 1;
      void this.#runOne(turn, this.#run);
    }
  }

  pause(handler: string): void {
    this.#paused.add(handler);
  }

  resume(handler: string): void {
    this.#paused.delete(handler);
    for (const event of this.events.values()) {
      for (const delivery of event.deliveries) {
        if (delivery.wanted.handler !== handler || !this.#parked.delete(delivery)) continue;
        if (event.unpark(delivery)) this.add(delivery);
      }
    }
    this.runDue();
  }

  /** Runs nothing further, and resolves when nothing runs. */
  async stop(): Promise<void> {
    this.#run = undefined;
    this.#due.stop();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** What runs is not waited for any more. */
  abandon(): void {
    this.#onIdle.splice(0).forEach((resume) => resume());
  }

  async #runOne({ delivery, followers }: Turn, run: RunDelivery): Promise<void> {
    delivery.status = 'running';
    delivery.attempts += 1;
    const { wanted, attempts: attempt, replays } = delivery;
    const { handler } = wanted;
    const due = { event: delivery.event!, handler, attempt, replays };
    const outcome = await run(due);

    this.#settle(delivery, outcome);
    for (const follower of followers) this.#settleFollower(follower, outcome);
    this.#due.leaveLane(delivery);
    publishRecorded(due, outcome);
    this.#running -= 1;
    this.runDue();
    if (this.#running === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  #settle(delivery: MemoryDelivery, outcome: Outcome): void {
    const { owner, wanted } = delivery;
    owner.settle(delivery, outcome);
    if (outcome.status !== 'failed') {
      this.#settled.add(this.getClock().now());
      if (wanted.change) this.#releaseChange(delivery);
    }
    if (owner.isResting) this.#place(delivery);
  }

  #settleFollower(follower: MemoryDelivery, outcome: Outcome): void {
    if (outcome.status === 'failed' || outcome.status === 'dead') {
      this.#due.putBack(follower);
      return;
    }
    follower.attempts += 1;
    this.#settle(follower, outcome);
  }

  #releaseChange(delivery: MemoryDelivery): void {
    for (const turnedAway of this.changes.release(delivery)) {
      if (delivery.status !== 'dead') turnedAway.owner.dropBody(turnedAway);
      else if (turnedAway.owner.inherit(turnedAway)) this.queue(turnedAway);
      this.#place(turnedAway);
    }
  }

  /** Their handler is paused: they wait for it without their lane, and nobody waits for them. */
  #park({ delivery, followers }: Turn): void {
    for (const each of [delivery, ...followers]) {
      this.#parked.add(each);
      each.owner.park();
      this.#place(each);
    }
    this.#due.leaveLane(delivery);
  }

  #place({ owner }: MemoryDelivery): void {
    this.events.place(owner, this.getClock().now());
  }
}
