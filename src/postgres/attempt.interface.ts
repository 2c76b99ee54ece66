import type { Outcome } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { TakenDelivery } from './read-rows.js';

/** A delivery that was taken, and what came of it. */
export interface Attempt {
  readonly taken: TakenDelivery;
  readonly outcome: AttemptOutcome;
}

/** `paused`: it was not run, because its handler is paused. */
export type AttemptOutcome = Outcome | { readonly status: 'paused' };

/** What settling attempts came to for other deliveries. */
export interface Effects {
  /** How many became due by it. */
  readonly dueCount: number;
  /** The events of those that a run stood for: they are settled too. */
  readonly followed: readonly EventKey[];
}

/** What writing outcomes came to. */
export interface Written extends Effects {
  /** The attempts that still had their delivery. */
  readonly settled: readonly Attempt[];
  /** The jobs of those that are held back, because their handler is paused. */
  readonly held: ReadonlySet<string>;
}
