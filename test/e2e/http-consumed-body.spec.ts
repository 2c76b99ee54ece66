import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import type { RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { start } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { recordingLogger } from '../support/recording-logger.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const LIMIT = 5000;

/** Only Express lets an application put a parser before Nest: it takes a server of the user's own. */
describe('an Express server of the own whose parsers come before Nest', () => {
  const logger = recordingLogger();
  let running: RunningApp;

  afterEach(() => running.close());

  it.each([
    { parser: 'express.json()', mounted: express.json(), found: 'the object in req.body' },
    {
      parser: 'express.text()',
      mounted: express.text({ type: '*/*' }),
      found: 'the string in req.body',
    },
    { parser: 'a reader of the stream', mounted: drain, found: 'left no req.body' },
  ])('is told what $parser has consumed and what to do', async ({ mounted, found }) => {
    const url = await boot(mounted);
    const logged = logger.lines.length;
    const body = eventJson();

    const answer = await send(url, { headers: signedHeaders(body), body });

    const errors = logger.lines.slice(logged).filter(({ level }) => level === 'error');
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/"stripe": body_consumed\..*signature cannot be checked/),
    ]);
    expect(errors[0]!.message).toContain(found);
    expect(errors[0]!.message).toContain('express.json({ verify:');
  });

  it.each([
    {
      keeps: 'express.json() with the bytes in rawBody',
      mounted: express.json({
        verify: (request: IncomingMessage & { rawBody?: Buffer }, _response, bytes) => {
          request.rawBody = bytes;
        },
      }),
    },
    { keeps: 'express.raw()', mounted: express.raw({ type: '*/*' }) },
  ])('works with $keeps', async ({ mounted }) => {
    const url = await boot(mounted);
    const body = eventJson(',"amount": 5.0');

    const good = await send(url, { headers: signedHeaders(body), body });
    const forged = await send(url, { headers: signedHeaders(body), body: eventJson() });

    expect(good.status).toBe(200);
    expect(running.app.get(StripeRecorder).lastRawBody!.toString()).toBe(body);
    expect(forged).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
  });

  it("keeps the endpoint's limit where a parser has kept the bytes", async () => {
    const url = await boot(express.raw({ type: '*/*' }));
    const body = eventJson(`,"filler":"${'x'.repeat(LIMIT)}"`);

    const answer = await send(url, { headers: signedHeaders(body), body });

    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('works with a parser that does not touch the type', async () => {
    const url = await boot(express.urlencoded({ extended: true }));
    const body = eventJson();

    const answer = await send(url, { headers: signedHeaders(body), body });

    expect(answer.status).toBe(200);
  });

  async function boot(mounted: RequestHandler): Promise<string> {
    class AppModule {}
    const server = express();
    server.use(mounted);
    const app = await NestFactory.create(
      {
        module: AppModule,
        imports: [StripeWebhooksModule.forRoot({ secrets: SECRET, maxBodyBytes: LIMIT })],
        providers: [StripeRecorder],
      },
      new ExpressAdapter(server),
      { logger, abortOnError: false },
    );
    running = await start(app);
    return `${running.url}/webhooks/stripe`;
  }
});

function drain(...[request, , next]: Parameters<RequestHandler>): void {
  request.resume();
  request.on('end', () => next());
}
