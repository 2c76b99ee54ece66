import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import type { WebhookSecrets } from '../../src/index.js';
import { signStripe } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const OLD = 'whsec_old';
const NEW = 'whsec_new';

describe.each(ADAPTERS)('changing a secret on %s', (adapter) => {
  let running: RunningApp;

  afterEach(() => running.close());

  it('accepts what the new and what the old secret signed, and says which it was', async () => {
    const recorder = await boot({ current: NEW, previous: OLD });

    const statuses = [await sendSignedWith(OLD), await sendSignedWith(NEW)];

    expect(statuses).toEqual([200, 200]);
    expect(recorder.contexts.map(({ secretLabel }) => secretLabel)).toEqual([
      'previous',
      'current',
    ]);
  });

  it('leaves out a secret that is undefined, such as an unset environment variable', async () => {
    const recorder = await boot({ current: NEW, previous: undefined });

    const statuses = [await sendSignedWith(NEW), await sendSignedWith(OLD)];

    expect(statuses).toEqual([200, 400]);
    expect(recorder.contexts.map(({ secretLabel }) => secretLabel)).toEqual(['current']);
  });

  it.each([
    { given: 'a string', secrets: NEW, label: 'default' },
    { given: 'a list', secrets: [OLD, NEW], label: '1' },
  ])('labels the secret of $given', async ({ secrets, label }) => {
    const recorder = await boot(secrets);

    await sendSignedWith(NEW);

    expect(recorder.contexts.map(({ secretLabel }) => secretLabel)).toEqual([label]);
  });

  it('accepts a header that Stripe has signed with both secrets, as it does while rolling', async () => {
    const recorder = await boot(NEW);
    const body = eventJson();
    const timestamp = Math.floor(Date.now() / 1000);
    const [byOld, byNew] = [OLD, NEW].map((secret) =>
      signStripe({ body, secret, timestamp }).replace(/^t=\d+,/, ''),
    );

    const { status } = await send(`${running.url}/webhooks/stripe`, {
      headers: { 'stripe-signature': `t=${timestamp},${byOld},${byNew}` },
      body,
    });

    expect(status).toBe(200);
    expect(recorder.contexts).toHaveLength(1);
  });

  it.each([
    { what: 'without its whsec_', secret: NEW.slice('whsec_'.length) },
    { what: 'in capitals', secret: NEW.toUpperCase() },
    { what: 'followed by a line end', secret: `${NEW}\n` },
    { what: 'empty', secret: '' },
  ])('refuses a signature made with the secret $what', async ({ secret }) => {
    await boot(NEW);

    expect(await sendSignedWith(secret)).toBe(400);
  });

  async function boot(secrets: WebhookSecrets): Promise<StripeRecorder> {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets })],
      providers: [StripeRecorder],
    });
    return running.app.get(StripeRecorder);
  }

  async function sendSignedWith(secret: string): Promise<number> {
    const body = eventJson();
    const headers = signedHeaders(body, { secret });
    return (await send(`${running.url}/webhooks/stripe`, { headers, body })).status;
  }
});
