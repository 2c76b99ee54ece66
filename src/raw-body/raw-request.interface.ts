import type { IncomingMessage } from 'node:http';

/** What we use of the request object of either adapter. `raw` is Fastify's way to Node's own request. */
export interface AdapterRequest {
  readonly raw?: IncomingMessage;
  readonly headers: IncomingMessage['headers'];
  rawBody?: unknown;
  body?: unknown;
}

/** A request as it arrived: bytes and headers, not trusted yet. */
export interface RawRequest {
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
