import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseForm } from './parse-form.js';

/** A request that the double got. */
export interface StripeApiRequest {
  readonly method: string;
  /** Such as `/v1/events`. */
  readonly path: string;
  /** The path with its query, as it was sent. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** A form or JSON, parsed; undefined where there was none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Whom it was made for: `Stripe-Account` or `Stripe-Context`; undefined for the own account. */
  readonly account: string | undefined;
  readonly isLive: boolean;
}

export async function readStripeApiRequest(message: IncomingMessage): Promise<StripeApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { headers, method = 'GET', url = '/' } = message;
  const { pathname, search } = new URL(url, 'http://127.0.0.1');
  const account = headers['stripe-account'] ?? headers['stripe-context'];
  return {
    method,
    path: pathname,
    url,
    query: parseForm(search),
    body: text === '' ? undefined : parseBody(text, headers),
    headers,
    account: typeof account === 'string' && account !== '' ? account : undefined,
    isLive: /^Bearer [a-z]+_live_/.test(headers.authorization ?? ''),
  };
}

function parseBody(text: string, headers: IncomingHttpHeaders): Record<string, unknown> {
  const isJson = headers['content-type']?.includes('json') ?? false;
  return isJson ? (JSON.parse(text) as Record<string, unknown>) : parseForm(text);
}
