import { Injectable } from '@nestjs/common';
import type { Patience } from '../api/patience.js';
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { collect } from '../api/stripe-api.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import { modeOf, StripeNeedsService } from '../needs/stripe-needs.service.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import { groupByOwnAccount, SELF } from './own-accounts.js';
import type { OwnAccount } from './own-accounts.js';

/** Events of one account, mode and format, which Stripe lists apart. */
export interface StripeStream {
  readonly source: string;
  readonly livemode: boolean;
  readonly format: StripeEventFormat;
  /** Which own account, where the endpoints of a source have several; otherwise `SELF`. */
  readonly own: string;
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
  /** Those that listen to anything in it. */
  readonly listeners: Set<StripeEndpoint>;
}

/** Finds the streams that the handlers of the application listen to. */
@Injectable()
export class StripeStreams {
  constructor(private readonly needs: StripeNeedsService) {}

  /** A stream that one endpoint asks for is read for all of them: how far it is compared holds for all. */
  async find(options: StreamOptions, patience: Patience): Promise<StripeStream[]> {
    const asking = this.needs.stripeEndpoints(options.endpoint);
    const modes = new Map<string, { source: string; livemode: boolean }>();
    for (const endpoint of asking) {
      const mode = { source: endpoint.source, livemode: modeOf(endpoint, options.livemode) };
      modes.set(`${mode.livemode} ${mode.source}`, mode);
    }
    const streams: StripeStream[] = [];
    for (const { source, livemode } of modes.values()) {
      const endpoints = this.#endpointsOf(source, livemode);
      for (const own of await groupByOwnAccount(endpoints, livemode, patience)) {
        if (!own.endpoints.some((each) => asking.includes(each))) continue;
        const drafts = await this.#ofAccount(own, livemode, options, patience);
        const wanted = drafts.filter(({ listeners }) => asking.some((each) => listeners.has(each)));
        streams.push(...wanted.map(({ stream, types }) => ({ ...stream, types })));
      }
    }
    return streams;
  }

  #endpointsOf(source: string, livemode: boolean): StripeEndpoint[] {
    return this.needs.stripeEndpoints().filter((each) => {
      const mode = each.filter.livemode ?? each.keyMode;
      return each.source === source && (mode === undefined || mode === livemode);
    });
  }

  async #ofAccount(
    { name: own, client, endpoints }: OwnAccount,
    livemode: boolean,
    { accounts }: StreamOptions,
    patience: Patience,
  ): Promise<Draft[]> {
    const drafts = new Map<string, Draft>();
    const needs = endpoints.flatMap(
      (each) => this.needs.ofEndpoint(each, livemode, { withReplies: false }).needs,
    );
    const connected = needs.some(({ ofConnect }) => ofConnect)
      ? new Set(accounts ?? (await listAccounts(new PatientStripeApi(client, patience))))
      : [];
    for (const { endpoint, format, types, ofAccount, ofConnect } of needs) {
      const ofWhom = [...(ofAccount ? [undefined] : []), ...(ofConnect ? connected : [])];
      for (const account of ofWhom) {
        const stream = { source: endpoint.source, livemode, format, own, account, endpoint };
        addTypes(drafts, stream, types.keys());
      }
    }
    return [...drafts.values()];
  }
}

/** The name of a stream: what it has in common with itself in another run. */
export function streamKey({
  source,
  livemode,
  format,
  own,
  account,
}: Omit<StripeStream, 'types' | 'endpoint'>): string {
  const whose = own === SELF ? [account ?? SELF] : [own, ...(account ? [account] : [])];
  return [source, livemode ? 'live' : 'test', format, ...whose].join(' ');
}

/** Endpoints of one source share events: such an event is put through all of them. */
function addTypes(
  drafts: Map<string, Draft>,
  stream: Omit<StripeStream, 'types'>,
  types: Iterable<string>,
): void {
  const key = streamKey(stream);
  const draft = drafts.get(key) ?? { stream, types: new Map(), listeners: new Set() };
  drafts.set(key, draft);
  draft.listeners.add(stream.endpoint);
  for (const type of types) {
    draft.types.set(type, [...(draft.types.get(type) ?? []), stream.endpoint]);
  }
}

async function listAccounts(api: PatientStripeApi): Promise<string[]> {
  const accounts = await collect(api.pages<{ id: string }>('/v1/accounts', { limit: 100 }));
  return accounts.map(({ id }) => id);
}
