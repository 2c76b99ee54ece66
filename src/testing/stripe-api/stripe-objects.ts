import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';

/** An object, or what makes it for each request. */
export type ServedStripeObject = object | MakeObject;

type MakeObject = (request: StripeApiRequest) => object | Promise<object>;

/** The objects that are served by their URLs, of each account. */
export class StripeObjects {
  readonly #objects = new Map<string, ServedStripeObject>();

  set(path: string, object: ServedStripeObject, account: string | undefined): void {
    this.#objects.set(keyOf(path, account), object);
  }

  delete(path: string, account: string | undefined): void {
    this.#objects.delete(keyOf(path, account));
  }

  async answer(request: StripeApiRequest): Promise<StripeApiAnswer | undefined> {
    const object = this.#objects.get(keyOf(request.path, request.account));
    if (object === undefined) return undefined;
    if (typeof object !== 'function') return { body: object };
    return { body: await (object as MakeObject)(request) };
  }
}

function keyOf(path: string, account = ''): string {
  return `${account}\n${path}`;
}
