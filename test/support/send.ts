import { request } from 'node:http';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent whole with its length, or, given as a list, chunked. */
  readonly body?: Uint8Array | string | readonly Uint8Array[];
  /** A keep-alive agent; without one the connection ends with the answer. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

/** Sends bytes as they are and waits for the answer. */
export function send(url: string, options: SendOptions = {}): Promise<Answer> {
  const sent = open(url, options);
  const { body = '' } = options;
  if (Array.isArray(body)) {
    body.forEach((chunk: Uint8Array) => sent.write(chunk));
    sent.end();
  } else {
    sent.end(body as Uint8Array | string);
  }
  return answerTo(sent);
}

/** Starts a request of which the caller writes the body. */
export function open(url: string, { method = 'POST', headers = {}, agent }: SendOptions = {}) {
  return request(url, { method, headers: { ...headers } as never, agent: agent ?? false });
}

/** Waits for the whole answer. What goes wrong with the upload after the answer does not matter. */
export async function answerTo(sent: ClientRequest): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode!, headers: response.headers, body: parseIfJson(text) };
}

function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
