import { isDeepStrictEqual } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { WebhookHandlerRegistry } from '../../handlers/webhook-handler.registry.js';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import { ORDERLY } from './chaos-plan.js';
import type { ChaosKinds, ChaosPlan, ChaosReport, FaultPoint } from './chaos-plan.js';
import { mixedPlans, plainPlans } from './chaos-plans.js';
import { learnFrom, namedIn } from './orderly.js';
import type { Orderly } from './orderly.js';
import type { ChaosStage } from './chaos-stage.js';
import {
  describeDifference,
  describeUnlikeOrderly,
  describeUnsettled,
} from './describe-difference.js';
import { loadFastCheck } from './load-fast-check.js';
import { playPlan, UnsettledRun } from './play-plan.js';
import type { PlayedRun } from './play-plan.js';
import { prepareEvents } from './prepared-events.js';

export interface Experiment {
  readonly stage: ChaosStage;
  readonly events: readonly object[];
  readonly kinds: ChaosKinds;
  readonly runs: number;
  readonly seed: number | undefined;
  readonly path: string | undefined;
  readonly readState: (app: INestApplication) => unknown;
}

/** How long, in real milliseconds, a smaller failing sequence is looked for. */
const SHRINKING_MS = 10_000;
/** As many deliveries run at once by default. */
const MAX_EXPECTED = 16;

/** Plays all runs. What fails is made smaller by fast-check, and described. */
export async function expectSameOutcome(experiment: Experiment): Promise<ChaosReport> {
  const fc = await loadFastCheck();
  const laboratory = new Laboratory(experiment);
  const { events, kinds, runs, seed, path } = experiment;
  const orderly = await laboratory.playOrderly();

  let failedAtMs: number | undefined;
  const isSame = fc.asyncProperty(
    mixedPlans(fc, kinds, events.length, orderly.points.length),
    async (plan) => {
      if (failedAtMs !== undefined && Date.now() - failedAtMs > SHRINKING_MS) return;
      const difference = await laboratory.differenceOf(plan);
      if (difference === undefined) return;
      failedAtMs ??= Date.now();
      throw new Error(difference);
    },
  );
  const plain = plainPlans(kinds, events.length, orderly);
  const details = await fc.check(isSame, {
    examples: plain.map((plan): [ChaosPlan] => [plan]),
    numRuns: plain.length + runs,
    ...(seed !== undefined && { seed }),
    ...(path !== undefined && { path }),
  });
  if (!details.failed) {
    const { uninterrupted } = orderly;
    return { runs: details.numRuns, seed: details.seed, uninterrupted };
  }
  const { errorInstance, counterexamplePath } = details;
  throw new Error(
    `${(errorInstance as Error).message}\n\nTo play it again: .replaying({ seed: ${details.seed}, path: ` +
      `'${counterexamplePath}' })`,
  );
}

/** Plays plans, and knows what orderly runs come to. */
class Laboratory {
  readonly #experiment: Experiment;
  readonly #orderly = new Map<string, Promise<PlayedRun>>();
  #points: readonly FaultPoint[] = [];
  #handlersOf: readonly number[] = [];

  constructor(experiment: Experiment) {
    this.#experiment = experiment;
  }

  /** @throws Error when orderly runs fail, or come to different states by themselves. */
  async playOrderly(): Promise<Orderly> {
    const { events, kinds } = this.#experiment;
    const everything = { kept: [...events.keys()], ...ORDERLY };
    const first = await this.#orderlyRun(everything.kept).catch((error: unknown) => {
      if (!(error instanceof UnsettledRun)) throw error;
      throw new Error(describeUnsettled('Even one orderly run does not end well', error));
    });
    const second = await this.#play(everything);
    if (!isDeepStrictEqual(first.outcome, second.outcome)) {
      throw new Error(describeUnlikeOrderly(first.outcome, second.outcome));
    }
    this.#handlersOf = events.map(
      (_, place) => first.seen.filter(({ event }) => event === place).length,
    );
    const orderly = learnFrom(first, kinds);
    this.#points = orderly.points;
    return orderly;
  }

  /** What is wrong with a run, or nothing. */
  async differenceOf(plan: ChaosPlan): Promise<string | undefined> {
    if (plan.kept.length === 0) return undefined;
    const orderly = await this.#orderlyRun(plan.kept).catch(() => undefined);
    // Some events mean nothing without the others.
    if (!orderly) return undefined;
    try {
      const played = await this.#play(plan);
      if (isDeepStrictEqual(orderly.outcome, played.outcome)) return undefined;
      return describeDifference(orderly.outcome, played);
    } catch (error) {
      if (!(error instanceof UnsettledRun)) throw error;
      return describeUnsettled('The events do not all come to an end', error);
    }
  }

  #orderlyRun(kept: readonly number[]): Promise<PlayedRun> {
    const key = kept.join();
    const played = this.#orderly.get(key) ?? this.#play({ kept, ...ORDERLY });
    this.#orderly.set(key, played);
    return played;
  }

  #play(plan: ChaosPlan): Promise<PlayedRun> {
    const { stage, events, kinds, readState } = this.#experiment;
    const expected = plan.kept.reduce((sum, place) => sum + (this.#handlersOf[place] ?? 0), 0);
    return stage.play((tested, ids) => {
      assertHandlers(tested.app, kinds);
      return playPlan(plan, {
        tested,
        ids,
        events: prepareEvents(events, tested),
        points: this.#points,
        expectedAttempts: Math.min(expected, MAX_EXPECTED),
        readState: () => readState(tested.app),
      });
    });
  }
}

/** @throws WebhookConfigurationError for a handler that the application does not have. */
function assertHandlers(app: INestApplication, kinds: ChaosKinds): void {
  const registry = app.get(WebhookHandlerRegistry, { strict: false });
  const unknown = namedIn(kinds).find((id) => !registry.get(id));
  if (unknown === undefined) return;
  throw new WebhookConfigurationError(
    `chaos: there is no handler ${unknown}. Its id is the class and the method, such as Billing.onPaid.`,
  );
}
