import { isDeepStrictEqual } from 'node:util';
import { errorAnswer } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';

interface Remembered {
  readonly request: StripeApiRequest;
  readonly answer: StripeApiAnswer;
}

/** What was answered to each `Idempotency-Key`: the same request gets the same answer and does nothing. */
export class IdempotentAnswers {
  readonly #remembered = new Map<string, Remembered>();

  find(request: StripeApiRequest): StripeApiAnswer | undefined {
    const known = this.#remembered.get(keyOf(request) ?? '');
    if (!known) return undefined;
    const { answer, request: first } = known;
    if (first.url === request.url && isDeepStrictEqual(first.body, request.body)) {
      return { ...answer, headers: { ...answer.headers, 'idempotent-replayed': 'true' } };
    }
    return errorAnswer({
      status: 400,
      type: 'idempotency_error',
      message:
        'Keys for idempotent requests can only be used with the parameters they were first used with.',
    });
  }

  remember(request: StripeApiRequest, answer: StripeApiAnswer): void {
    const key = keyOf(request);
    if (key !== undefined) this.#remembered.set(key, { request, answer });
  }
}

function keyOf({ method, headers, account = '' }: StripeApiRequest): string | undefined {
  const key = headers['idempotency-key'];
  return method === 'POST' && typeof key === 'string' ? `${account}\n${key}` : undefined;
}
