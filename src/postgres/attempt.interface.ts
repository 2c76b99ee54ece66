import type { Outcome } from '../inbox/webhook-engine.interface.js';
import type { TakenDelivery } from './read-rows.js';

/** A delivery that was taken, and what came of it. */
export interface Attempt {
  readonly taken: TakenDelivery;
  readonly outcome: AttemptOutcome;
}

/** `paused`: it was not run, because its handler is paused. */
export type AttemptOutcome = Outcome | { readonly status: 'paused' };
