import { errorAnswer } from './stripe-api-answer.js';
import type { StripeApiAnswer, StripeApiFailure } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';

/** Which requests are meant; all where nothing is said. */
export interface StripeApiMatch {
  readonly method?: string;
  /** A whole path, such as `/v1/events`, or a pattern. */
  readonly path?: string | RegExp;
}

/** Requests that wait until they are released. */
export interface DelayedStripeRequests {
  /** Resolves when the first of them has come. */
  readonly arrived: Promise<StripeApiRequest>;
  /** Lets them be answered, and all that come later. */
  release(): void;
}

interface PlannedFailure {
  readonly match: StripeApiMatch;
  readonly answer: StripeApiAnswer;
  times: number;
  after: number;
}

interface PlannedDelay {
  readonly match: StripeApiMatch;
  readonly onArrival: (request: StripeApiRequest) => void;
  readonly released: Promise<void>;
}

/** What is to go wrong with requests. */
export class StripeApiDisturbances {
  readonly #failures: PlannedFailure[] = [];
  readonly #delays = new Set<PlannedDelay>();
  readonly #releases = new Set<() => void>();

  fail(failure: StripeApiFailure, match: StripeApiMatch, times: number, after: number): void {
    this.#failures.push({ match, times, after, answer: errorAnswer(failure) });
  }

  delay(match: StripeApiMatch): DelayedStripeRequests {
    let release!: () => void;
    let onArrival!: (request: StripeApiRequest) => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const arrived = new Promise<StripeApiRequest>((resolve) => (onArrival = resolve));
    const delay = { match, onArrival, released };
    this.#delays.add(delay);
    this.#releases.add(release);
    return {
      arrived,
      release: () => {
        this.#delays.delete(delay);
        this.#releases.delete(release);
        release();
      },
    };
  }

  /** Waits while the request is held back, and gives the failure that is meant for it. */
  async meet(request: StripeApiRequest): Promise<StripeApiAnswer | undefined> {
    for (const delay of this.#delays) {
      if (!isMatch(delay.match, request)) continue;
      delay.onArrival(request);
      await delay.released;
    }
    const failure = this.#failures.find(({ match, times }) => times > 0 && isMatch(match, request));
    if (!failure) return undefined;
    if (failure.after > 0) {
      failure.after -= 1;
      return undefined;
    }
    failure.times -= 1;
    return failure.answer;
  }

  releaseAll(): void {
    this.#releases.forEach((release) => release());
  }
}

function isMatch({ method, path }: StripeApiMatch, request: StripeApiRequest): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false;
  if (path === undefined) return true;
  return typeof path === 'string' ? path === request.path : path.test(request.path);
}
