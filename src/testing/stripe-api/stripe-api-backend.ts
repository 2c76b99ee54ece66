import { IdempotentAnswers } from './idempotent-answers.js';
import { missing } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import { StripeApiDisturbances } from './stripe-api-disturbances.js';
import type { StripeApiRequest } from './stripe-api-request.js';
import { createStripeApiRouter } from './stripe-api-router.js';
import { StripeEventDestinations } from './stripe-event-destinations.js';
import { StripeEvents } from './stripe-events.js';
import { StripeObjects } from './stripe-objects.js';
import { StripeWebhookEndpoints } from './stripe-webhook-endpoints.js';

export type AnswerOtherwise = (
  request: StripeApiRequest,
) => StripeApiAnswer | undefined | Promise<StripeApiAnswer | undefined>;

/** All that the double has, and what it answers. */
export class StripeApiBackend {
  readonly disturbances = new StripeApiDisturbances();
  readonly objects = new StripeObjects();
  readonly events = new StripeEvents();
  readonly webhookEndpoints = new StripeWebhookEndpoints();
  readonly eventDestinations = new StripeEventDestinations(this.events);
  readonly #idempotent = new IdempotentAnswers();
  readonly #route = createStripeApiRouter(this);
  readonly #otherwise: AnswerOtherwise;

  constructor(otherwise: AnswerOtherwise = () => undefined) {
    this.#otherwise = otherwise;
  }

  async answer(request: StripeApiRequest): Promise<StripeApiAnswer> {
    const known = (await this.disturbances.meet(request)) ?? this.#idempotent.find(request);
    if (known) return known;
    const own =
      (await this.objects.answer(request)) ??
      this.#route(request) ??
      missing(`resource: ${request.method} ${request.path}`);
    const found = own.status === 404 ? ((await this.#otherwise(request)) ?? own) : own;
    this.#idempotent.remember(request, found);
    return found;
  }
}
