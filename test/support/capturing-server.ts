import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

export interface CapturingServer {
  readonly url: string;
  /** What reading the next request came to. */
  nextResult(): Promise<PromiseSettledResult<Buffer>>;
}

const closing: (() => void)[] = [];

afterEach(() => closing.splice(0).forEach((close) => close()));

/** A server of Node alone that reads each request as the test says, and answers 200 or 400. */
export async function capturingServer(
  read: (request: IncomingMessage) => Buffer | Promise<Buffer>,
): Promise<CapturingServer> {
  const results: PromiseSettledResult<Buffer>[] = [];
  const waiting: ((result: PromiseSettledResult<Buffer>) => void)[] = [];

  const server = createServer((request, response) => {
    void Promise.allSettled([Promise.resolve(request).then(read)]).then(([result]) => {
      const resume = waiting.shift();
      if (resume) resume(result);
      else results.push(result);
      response.writeHead(result.status === 'fulfilled' ? 200 : 400).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });

  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    nextResult: () => {
      const result = results.shift();
      return result ? Promise.resolve(result) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
