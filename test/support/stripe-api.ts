import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

type StripeConfig = NonNullable<ConstructorParameters<typeof Stripe>[1]>;

export interface StripeApi {
  /** A real client that talks to it. */
  readonly client: Stripe;
  readonly clientFor: (config: StripeConfig, apiKey?: string) => Stripe;
  readonly requests: readonly { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** What the stand-in answers; the status is 200 unless said otherwise. */
export interface StripeApiAnswer {
  readonly status?: number;
  readonly body: object;
}

const CUSTOMER: StripeApiAnswer = { body: { id: 'cus_1', object: 'customer' } };

/** A stand-in for Stripe's API on the loopback interface. Every request gets a customer by default. */
export async function startStripeApi(
  answer: (url: string) => StripeApiAnswer | Promise<StripeApiAnswer> = () => CUSTOMER,
): Promise<StripeApi> {
  const requests: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url!, headers: request.headers });
    void Promise.resolve(answer(request.url!)).then(({ status = 200, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const clientFor = (config: StripeConfig, apiKey = 'sk_test_1'): Stripe =>
    new Stripe(apiKey, {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
      ...config,
    });
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { client: clientFor({}), clientFor, requests, close };
}
