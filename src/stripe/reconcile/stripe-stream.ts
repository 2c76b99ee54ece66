import { Injectable } from '@nestjs/common';
import type { Patience } from '../api/patience.js';
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { collect } from '../api/stripe-api.js';
import type { StripeApi } from '../api/stripe-api.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import { modeOf, StripeNeedsService } from '../needs/stripe-needs.service.js';
import { SNAPSHOT } from '../stripe-formats.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';

/** Events of one account, mode and format, which Stripe lists apart. */
export interface StripeStream {
  readonly source: string;
  readonly livemode: boolean;
  readonly format: StripeEventFormat;
  /** The connected account; undefined for the own one. */
  readonly account: string | undefined;
  /** The types that handlers listen to, each with the endpoints that it is to come by. */
  readonly types: ReadonlyMap<string, readonly StripeEndpoint[]>;
  /** Its endpoint's client is asked. */
  readonly endpoint: StripeEndpoint;
}

export interface StreamOptions {
  readonly endpoint?: string | undefined;
  readonly livemode?: boolean | undefined;
  readonly accounts?: readonly string[] | undefined;
}

interface Draft {
  readonly stream: Omit<StripeStream, 'types'>;
  readonly types: Map<string, StripeEndpoint[]>;
}

/** Finds the streams that the handlers of the application listen to. */
@Injectable()
export class StripeStreams {
  constructor(private readonly needs: StripeNeedsService) {}

  async find(
    { endpoint: name, livemode: mode, accounts }: StreamOptions,
    patience: Patience,
  ): Promise<StripeStream[]> {
    const drafts = new Map<string, Draft>();
    for (const endpoint of this.needs.stripeEndpoints(name)) {
      const livemode = modeOf(endpoint, mode);
      const { needs } = this.needs.ofEndpoint(endpoint, livemode, { withReplies: false });
      const isConnect = needs.some(({ ofConnect }) => ofConnect);
      const connected = isConnect
        ? (accounts ?? (await listAccounts(endpoint, livemode, patience)))
        : [];
      for (const { format, types, ofAccount, ofConnect } of needs) {
        const ofWhom = [...(ofAccount ? [undefined] : []), ...(ofConnect ? connected : [])];
        for (const account of ofWhom) {
          const stream = { source: endpoint.source, livemode, format, account, endpoint };
          addTypes(drafts, stream, types.keys());
        }
      }
    }
    return [...drafts.values()].map(({ stream, types }) => ({ ...stream, types }));
  }
}

/** The name of a stream: what it has in common with itself in another run. */
export function streamKey({
  source,
  livemode,
  format,
  account,
}: Pick<StripeStream, 'source' | 'livemode' | 'format' | 'account'>): string {
  return [source, livemode ? 'live' : 'test', format, account ?? '@self'].join(' ');
}

/** Endpoints of one source share events: such an event is put through all of them. */
function addTypes(
  drafts: Map<string, Draft>,
  stream: Omit<StripeStream, 'types'>,
  types: Iterable<string>,
): void {
  const key = streamKey(stream);
  const draft = drafts.get(key) ?? { stream, types: new Map<string, StripeEndpoint[]>() };
  drafts.set(key, draft);
  for (const type of types) {
    draft.types.set(type, [...(draft.types.get(type) ?? []), stream.endpoint]);
  }
}

async function listAccounts(
  endpoint: StripeEndpoint,
  livemode: boolean,
  patience: Patience,
): Promise<string[]> {
  const api = new PatientStripeApi(endpoint.clientFor({ livemode }), patience);
  const accounts = await collect(api.pages<{ id: string }>('/v1/accounts', { limit: 100 }));
  return accounts.map(({ id }) => id);
}

/** What Stripe takes at once. */
const MAX_TYPES = 20;

/** An event as Stripe lists it. */
export interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly created: number | string;
  readonly account?: string;
  readonly context?: string | null;
}

/** The pages of a stream between two times, in whole seconds, by groups of types. */
export async function* readStream(
  { types, format }: StripeStream,
  api: StripeApi,
  fromMs: number,
  toMs: number,
): AsyncGenerator<readonly ListedEvent[]> {
  const all = [...types.keys()];
  for (let start = 0; start < all.length; start += MAX_TYPES) {
    const group = all.slice(start, start + MAX_TYPES);
    if (format === SNAPSHOT) {
      yield* api.pages<ListedEvent>('/v1/events', {
        types: group,
        'created[gte]': fromMs / 1000,
        'created[lt]': toMs / 1000,
        limit: 100,
      });
    } else {
      yield* api.pagesV2<ListedEvent>('/v2/core/events', {
        types: group,
        'created[gte]': new Date(fromMs).toISOString(),
        'created[lt]': new Date(toMs).toISOString(),
        limit: 100,
      });
    }
  }
}

/** Stripe names the account in what it sends, and not always in what it lists for the account. */
export function asSent(event: ListedEvent, { format, account }: StripeStream): object {
  if (account === undefined) return event;
  return format === SNAPSHOT
    ? { ...event, account: event.account ?? account }
    : { ...event, context: event.context ?? account };
}
