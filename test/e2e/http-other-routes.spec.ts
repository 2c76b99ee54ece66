import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { RunningApp } from '../support/create-app.js';
import { configurationsOf, createConfiguredApp } from '../support/http-configurations.js';
import { send } from '../support/send.js';
import { SECRET } from '../support/stripe-recorder.js';

interface ParsingRequest {
  readonly body?: unknown;
  readonly rawBody?: Buffer;
}

@Controller('other')
class OtherController {
  @Post()
  @HttpCode(202)
  echo(@Req() { body, rawBody }: ParsingRequest) {
    const parsed = Buffer.isBuffer(body) ? `bytes ${body.toString()}` : body;
    return { body: parsed ?? null, rawBody: rawBody?.toString() ?? null };
  }

  @Get()
  get() {
    return { got: true };
  }
}

const REQUESTS = [
  { what: 'JSON', contentType: 'application/json', body: '{"a": 5.0}' },
  { what: 'malformed JSON', contentType: 'application/json', body: '{"a":' },
  { what: 'an empty JSON body', contentType: 'application/json', body: '' },
  { what: 'a form', contentType: 'application/x-www-form-urlencoded', body: 'a=1&b[c]=2' },
  { what: 'text', contentType: 'text/plain', body: 'text' },
  { what: 'bytes', contentType: 'application/octet-stream', body: 'bytes' },
  {
    what: 'JSON over 100 kB',
    contentType: 'application/json',
    body: `{"a":"${'x'.repeat(150_000)}"}`,
  },
  {
    what: 'JSON over 1 MiB',
    contentType: 'application/json',
    body: `{"a":"${'x'.repeat(1_100_000)}"}`,
  },
];

describe.each(ADAPTERS)("the application's other routes on %s", (adapter) => {
  describe.each(configurationsOf(adapter))('with $configuration', (configuration) => {
    const { otherPath = '/other', headers } = configuration;
    let withEndpoint: RunningApp;
    let without: RunningApp;

    beforeAll(async () => {
      const controllers = [OtherController];
      without = await createConfiguredApp(adapter, configuration, { controllers });
      withEndpoint = await createConfiguredApp(adapter, configuration, {
        controllers,
        imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      });
    });
    afterAll(() => Promise.all([withEndpoint.close(), without.close()]));

    it.each(REQUESTS)('answer $what as without the endpoint', async ({ contentType, body }) => {
      const options = { headers: { ...headers, 'content-type': contentType }, body };

      const expected = await send(without.url + otherPath, options);
      const answer = await send(withEndpoint.url + otherPath, options);

      expect(answer.status).toBe(expected.status);
      expect(answer.body).toEqual(expected.body);
    });

    it('answer a GET', async () => {
      const answer = await send(withEndpoint.url + otherPath, {
        method: 'GET',
        headers: headers ?? {},
      });

      expect(answer).toMatchObject({ status: 200, body: { got: true } });
    });
  });

  it('parse JSON and forms', async () => {
    const running = await createConfiguredApp(
      adapter,
      { configuration: 'the default' },
      {
        controllers: [OtherController],
        imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      },
    );

    const json = await send(`${running.url}/other`, {
      headers: { 'content-type': 'application/json' },
      body: '{"a": 5.0}',
    });
    const form = await send(`${running.url}/other`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1&b=2',
    });
    await running.close();

    expect(json).toMatchObject({ status: 202, body: { body: { a: 5 }, rawBody: null } });
    expect(form).toMatchObject({ status: 202, body: { body: { a: '1', b: '2' }, rawBody: null } });
  });
});
