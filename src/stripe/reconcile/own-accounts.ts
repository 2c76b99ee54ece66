import type Stripe from 'stripe';
import type { Patience } from '../api/patience.js';
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { haveSameKey } from '../stripe-clients.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';

/** The name of the one account that the endpoints of a source have, as a rule. */
export const SELF = '@self';

/** Endpoints whose clients are of one account of Stripe, so that an event of it is for all of them. */
export interface OwnAccount {
  /** `SELF` where there is one account only, and otherwise its id. */
  readonly name: string;
  /** Its first endpoint's. */
  readonly client: Stripe;
  readonly endpoints: readonly StripeEndpoint[];
}

type Draft = OwnAccount & { readonly endpoints: StripeEndpoint[] };

/**
 * Tells endpoints of one source apart by the account that their clients are of: an event of one account must
 * not reach the handlers that are for another. Stripe is asked only where there are several keys.
 */
export async function groupByOwnAccount(
  endpoints: readonly StripeEndpoint[],
  livemode: boolean,
  patience: Patience,
): Promise<readonly OwnAccount[]> {
  const ofKeys: Draft[] = [];
  for (const endpoint of endpoints) {
    const client = endpoint.clientFor({ livemode });
    const known = ofKeys.find((each) => haveSameKey(each.client, client));
    if (known) known.endpoints.push(endpoint);
    else ofKeys.push({ name: SELF, client, endpoints: [endpoint] });
  }
  if (ofKeys.length <= 1) return ofKeys;

  const accounts = new Map<string, Draft>();
  for (const { client, endpoints: ofKey } of ofKeys) {
    const { id } = await new PatientStripeApi(client, patience).get<{ id: string }>('/v1/account');
    const known = accounts.get(id);
    if (known) known.endpoints.push(...ofKey);
    else accounts.set(id, { name: id, client, endpoints: ofKey });
  }
  const found = [...accounts.values()];
  return found.length === 1 ? found.map((each) => ({ ...each, name: SELF })) : found;
}
