import 'reflect-metadata';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Controller, Post } from '@nestjs/common';
import { stripeEvent } from '../../src/testing/index.js';
import { startWebhookApp } from '../support/build-webhook-app.js';
import { send } from '../support/send.js';

@Controller('other')
class OtherController {
  @Post()
  answer() {
    return {};
  }
}

const namesOf = (object: object): string[] => Reflect.ownKeys(object).map(String);

/** Resolves with the names of the properties that the next request and its response get after Express has them. */
async function namesAddedByExpress(app: INestApplication) {
  const server = app.getHttpServer();
  const express = server.listeners('request').at(-1) as RequestListener;
  server.removeListener('request', express);
  const [request, response, given] = await new Promise<
    [IncomingMessage, ServerResponse, Set<string>]
  >((resolve) =>
    server.once('request', (request: IncomingMessage, response: ServerResponse) => {
      resolve([request, response, new Set([...namesOf(request), ...namesOf(response)])]);
      server.on('request', express);
      express(request, response);
    }),
  );
  await once(response, 'close');
  return [...namesOf(request), ...namesOf(response)].filter((name) => !given.has(name));
}

// After that each added property costs a hidden class of its own.
it("a webhook's request gets no property after Express has it but the one Express adds first", async () => {
  const { app, stripe } = await startWebhookApp({ adapter: 'express' });
  // The router's symbols are learned from the first request.
  await stripe().send(stripeEvent('invoice.paid'));

  const added = namesAddedByExpress(app);
  const { status } = await stripe().send(stripeEvent('invoice.paid'));

  expect(status).toBe(200);
  expect(await added).toEqual(['res']);
});

it('the request of another route gets its properties from Express', async () => {
  const { app } = await startWebhookApp({ adapter: 'express', controllers: [OtherController] });

  const added = namesAddedByExpress(app);
  await send(`${await app.getUrl()}/other`);

  expect(await added).toEqual(expect.arrayContaining(['res', 'next', 'params', 'locals']));
});
