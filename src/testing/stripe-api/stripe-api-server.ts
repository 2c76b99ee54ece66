import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorAnswer } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import { readStripeApiRequest } from './stripe-api-request.js';
import type { StripeApiRequest } from './stripe-api-request.js';

/** Takes requests on the loopback interface, notes them and answers. */
export class StripeApiServer {
  readonly requests: StripeApiRequest[] = [];
  readonly #server: Server;
  readonly #answer: (request: StripeApiRequest) => Promise<StripeApiAnswer>;

  constructor(answer: (request: StripeApiRequest) => Promise<StripeApiAnswer>) {
    this.#answer = answer;
    this.#server = createServer((message, response) => void this.#handle(message, response));
  }

  /** Listens on a free port, and gives it. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status = 200, body, headers } = await this.#answerTo(message);
    response.writeHead(status, {
      'content-type': 'application/json',
      'request-id': `req_${this.requests.length}`,
      ...headers,
    });
    response.end(JSON.stringify(body));
  }

  async #answerTo(message: IncomingMessage): Promise<StripeApiAnswer> {
    try {
      const request = await readStripeApiRequest(message);
      this.requests.push(request);
      return await this.#answer(request);
    } catch (error) {
      return errorAnswer({ status: 500, message: (error as Error).message });
    }
  }
}
