import { StripeAnswerError } from '../../errors/stripe-answer.error.js';
import type { StripeApi } from '../api/stripe-api.js';
import { NOTIFICATION } from '../stripe-formats.js';
import { stripeClientVersion } from '../stripe-client-version.js';
import type { SecretHandover } from './secret-handover.js';
import { MADE_FOR, RETIRED } from './stripe-destination.js';
import type { EventDestinationBody } from './stripe-destination.js';
import type { DestinationPlan } from './stripe-destinations-plan.interface.js';

const PATH = '/v2/core/event_destinations';

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** Since this version of the API accounts are called `@self` and `@accounts`. */
const ACCOUNTS_RENAMED = '2026-03-25';

/** Makes and changes destinations of an account. It is given only what this package has made. */
export class DestinationWriter {
  constructor(private readonly api: StripeApi) {}

  /** Makes a destination and hands its secret over; where that fails, it is deleted again. */
  async create(plan: DestinationPlan, secrets: SecretHandover): Promise<string> {
    const { id, webhook_endpoint: made } = await this.api.post<EventDestinationBody>(PATH, {
      name: `nestjs-webhook-inbox: ${plan.endpoint}`,
      description: `Made from the handlers of the endpoint "${plan.endpoint}".`,
      type: 'webhook_endpoint',
      event_payload: plan.format === NOTIFICATION ? 'thin' : 'snapshot',
      enabled_events: plan.types,
      events_from: this.#accountsOf(plan),
      ...(plan.apiVersion !== undefined && { snapshot_api_version: plan.apiVersion }),
      webhook_endpoint: { url: plan.url },
      metadata: { [MADE_FOR]: plan.endpoint },
      include: ['webhook_endpoint.signing_secret'],
    });
    try {
      const { endpoint, format, url } = plan;
      const secret = made?.signing_secret;
      if (!secret) throw new StripeAnswerError(`Stripe gave no signing secret for ${id}.`);
      await secrets.give({ endpoint, format, destination: id, url, secret });
    } catch (error) {
      await this.#deleteAgain(id, error);
    }
    return id;
  }

  /** Nobody has its secret: what it would send could not be verified. */
  async #deleteAgain(id: string, cause: unknown): Promise<never> {
    try {
      await this.api.delete(pathOf(id));
    } catch {
      throw new StripeAnswerError(
        `Nobody has the secret of ${id}, and it could not be deleted again: delete it in Stripe.`,
        { cause },
      );
    }
    throw cause;
  }

  async setTypes(id: string, types: readonly string[]): Promise<void> {
    await this.api.post(pathOf(id), { enabled_events: types });
  }

  async enable(id: string): Promise<void> {
    await this.api.post(`${pathOf(id)}/enable`);
  }

  /** Ends its deliveries and keeps it, so that it can be looked at and enabled again by hand. */
  async retire(id: string): Promise<void> {
    await this.api.post(`${pathOf(id)}/disable`);
    await this.api.post(pathOf(id), { metadata: { [RETIRED]: 'true' } });
  }

  #accountsOf({ ofAccount, ofConnect }: DestinationPlan): string[] {
    const isRenamed =
      (stripeClientVersion(this.api.client) ?? ACCOUNTS_RENAMED) >= ACCOUNTS_RENAMED;
    return [
      ...(ofAccount ? [isRenamed ? '@self' : 'self'] : []),
      ...(ofConnect ? [isRenamed ? '@accounts' : 'other_accounts'] : []),
    ];
  }
}
