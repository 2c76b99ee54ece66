import type Stripe from 'stripe';
import { StripeAnswerError } from '../../errors/stripe-answer.error.js';
import { isApiPath } from './api-path.js';

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface V1Page<Item> {
  readonly data: readonly Item[];
  readonly has_more: boolean;
}

interface V2Page<Item> {
  readonly data: readonly Item[];
  readonly next_page_url?: string | null;
}

/**
 * Requests by the paths of Stripe's API. The SDK's resources differ between its versions and change what
 * they return, where a stored body has to be what Stripe sent; `rawRequest` is the same from 20 to 23.
 */
export class StripeApi {
  constructor(readonly client: Stripe) {}

  async get<Answer>(path: string): Promise<Answer> {
    return (await this.client.rawRequest('GET', path)) as Answer;
  }

  /** A form to `/v1`, JSON to `/v2`: the SDK tells them by the path. */
  async post<Answer>(path: string, body: object = {}): Promise<Answer> {
    return (await this.client.rawRequest('POST', path, { ...body })) as Answer;
  }

  async delete(path: string): Promise<void> {
    await this.client.rawRequest('DELETE', path);
  }

  /** The pages of a list of `/v1` after an item, the newest first. */
  async *pages<Item extends { readonly id: string }>(
    path: string,
    query: Query,
  ): AsyncGenerator<readonly Item[]> {
    let last: string | undefined;
    for (;;) {
      const page: V1Page<Item> = await this.get(
        pathWith(path, { ...query, ...(last !== undefined && { starting_after: last }) }),
      );
      yield page.data;
      const end = page.data.at(-1)?.id;
      if (!page.has_more || end === undefined) return;
      if (end === last) throw leadsNowhere(path);
      last = end;
    }
  }

  /** The pages of a list of `/v2`, each of which leads to the next. */
  async *pagesV2<Item>(path: string, query: Query): AsyncGenerator<readonly Item[]> {
    let current = pathWith(path, query);
    for (;;) {
      const page: V2Page<Item> = await this.get(current);
      yield page.data;
      const next = page.next_page_url;
      if (!next) return;
      if (next === current || !isApiPath(next)) throw leadsNowhere(path);
      current = next;
    }
  }
}

function leadsNowhere(path: string): StripeAnswerError {
  return new StripeAnswerError(
    `A page of ${path} leads to no further page of Stripe's API. See what stands between here and Stripe.`,
  );
}

export async function collect<Item>(pages: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

/** Lists are written `types[0]=…`, which all versions of the API take. */
function pathWith(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value !== 'object') search.set(name, String(value));
    else value.forEach((each, index) => search.set(`${name}[${index}]`, each));
  }
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}
