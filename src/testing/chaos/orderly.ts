import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { ChaosKinds, FaultPoint } from './chaos-plan.js';
import type { PlayedRun } from './play-plan.js';

/** What the orderly run has shown. */
export interface Orderly {
  /** Every place at which it can be disturbed. */
  readonly points: readonly FaultPoint[];
  /** How many calls each attempt made. */
  readonly calls: readonly number[];
  /** The handlers that made none. */
  readonly uninterrupted: readonly string[];
}

/** @throws WebhookConfigurationError for a handler that is to be disturbed and cannot be. */
export function learnFrom(run: PlayedRun, kinds: ChaosKinds): Orderly {
  const handlers = [...new Set(run.seen.map(({ handler }) => handler))];
  const calling = run.seen.filter(({ attempt }) => attempt.calls > 0);
  const uninterrupted = handlers.filter(
    (handler) => !calling.some((each) => each.handler === handler),
  );
  for (const named of namedIn(kinds)) assertDisturbed(named, handlers, uninterrupted);
  return {
    points: faultPoints(run, kinds),
    calls: run.seen.map(({ attempt }) => attempt.calls),
    uninterrupted,
  };
}

/** The handlers that are to fail or to crash by name. */
export function namedIn({ failing, crashing }: ChaosKinds): string[] {
  return [failing, crashing].flat().filter((handler) => handler !== 'all');
}

/** Every place at which an attempt of the orderly run can be disturbed, the plainest first. */
function faultPoints({ seen }: PlayedRun, { failing, crashing }: ChaosKinds): FaultPoint[] {
  return seen.flatMap(({ event, handler, attempt }) => {
    const calls = [...Array(attempt.calls + 1).keys()];
    const points = (kind: FaultPoint['kind'], wanted: readonly string[] | 'all'): FaultPoint[] =>
      wanted === 'all' || wanted.includes(handler)
        ? calls.map((call) => ({ kind, event, handler, call }))
        : [];
    return [...points('fail', failing), ...points('crash', crashing)];
  });
}

/** A run in which nothing was disturbed would pass, and show nothing. */
function assertDisturbed(
  named: string,
  handlers: readonly string[],
  uninterrupted: readonly string[],
): void {
  if (!handlers.includes(named)) {
    throw new WebhookConfigurationError(
      `chaos: none of the events runs ${named}. They run: ${handlers.join(', ') || 'no handler'}.`,
    );
  }
  if (uninterrupted.includes(named)) {
    throw new WebhookConfigurationError(
      `chaos: ${named} calls no method of a provider, so it cannot be stopped half way. Put each of its ` +
        'statements into a method of a provider; or leave out its name, to try only its begin and its end.',
    );
  }
}
