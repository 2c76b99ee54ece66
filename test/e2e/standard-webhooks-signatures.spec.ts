import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext, WebhookSecrets } from '../../src/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { manualClock, signStandardWebhook } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { send } from '../support/send.js';
import type { Answer, SendOptions } from '../support/send.js';
import { ED25519_PRIVATE_KEYS, ED25519_VECTOR } from '../support/standard-webhooks-vectors.js';

const OLD = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const NEW = Buffer.alloc(64, 2).toString('base64');
const PRIVATE_KEY = ED25519_PRIVATE_KEYS[0]!;
const PUBLIC_KEY = ED25519_VECTOR.secret;
const BODY = '{"type":"user.created","data":{"name":"Zoë"}}';
const NOW = 1_700_000_000;

@Injectable()
class Users {
  readonly contexts: WebhookContext[] = [];

  @OnWebhook('own', '*')
  on(_event: unknown, context: WebhookContext): void {
    this.contexts.push(context);
  }
}

describe.each(ADAPTERS)('A request signed by Standard Webhooks on %s', (adapter) => {
  it('is accepted by the new and by the old secret, and says which it was', async () => {
    const { post, labels } = await start(adapter, { current: NEW, previous: OLD, next: undefined });

    const answers = [
      await post(sign(OLD, { id: 'msg_1' })),
      await post(sign(NEW, { id: 'msg_2' })),
      await post(sign(PRIVATE_KEY, { id: 'msg_3' })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
    expect(labels()).toEqual(['previous', 'current']);
  });

  it('is accepted when its sender signs with two secrets, of which we have one', async () => {
    const { post, labels } = await start(adapter, NEW);
    const both = (id: string): string[] =>
      [OLD, NEW].map((secret) => sign(secret, { id })['webhook-signature']!);

    const inOneLine = await post({
      ...sign(NEW, { id: 'msg_1' }),
      'webhook-signature': both('msg_1').join(' '),
    });
    const inTwoLines = await post({
      ...sign(NEW, { id: 'msg_2' }),
      'webhook-signature': both('msg_2'),
    });

    expect([inOneLine.status, inTwoLines.status]).toEqual([200, 200]);
    expect(labels()).toEqual(['default', 'default']);
  });

  it('is accepted by the public key alone', async () => {
    const { post, labels } = await start(adapter, { asymmetric: PUBLIC_KEY });

    const answers = [await post(sign(PRIVATE_KEY)), await post(sign(OLD))];
    const forged = await post(sign(PRIVATE_KEY), BODY.replace('Zoë', 'Eve'));

    expect([...answers, forged].map(({ status }) => status)).toEqual([200, 400, 400]);
    expect(labels()).toEqual(['asymmetric']);
  });

  it('may have svix-* headers, which win over webhook-*', async () => {
    const { post, users } = await start(adapter, NEW);
    const svix = signStandardWebhook({ body: BODY, secret: NEW, timestamp: NOW, svix: true });

    const alone = await post(svix);
    const besideWrong = await post({ ...sign(OLD), ...svix });
    const wrongBesideRight = await post({ ...sign(NEW), 'svix-id': 'msg_other' });

    expect([alone, besideWrong, wrongBesideRight].map(({ status }) => status)).toEqual([
      200, 200, 400,
    ]);
    expect(users.contexts.map(({ eventId }) => eventId)).toEqual([svix['svix-id']]);
  });

  it.each([
    [300, 200, undefined],
    [-300, 200, undefined],
    [301, 400, 'timestamp_too_old'],
    [-301, 400, 'timestamp_in_future'],
  ])('that is %d seconds old is answered %d', async (age, status, code) => {
    const { post } = await start(adapter, NEW);

    const answer = await post(sign(NEW, { timestamp: NOW - age }));

    expect(answer).toMatchObject({ status, body: code ? { code } : { received: true } });
  });

  it.each(['webhook-id', 'webhook-timestamp'])('is refused with two %s lines', async (name) => {
    const { post, users } = await start(adapter, NEW);
    const headers = sign(NEW);

    expect(await post({ ...headers, [name]: [headers[name]!, headers[name]!] })).toMatchObject({
      status: 400,
    });
    expect(users.contexts).toEqual([]);
  });

  it('is refused when id, time and body are cut at other places', async () => {
    const { post, users } = await start(adapter, NEW);
    const id = `msg.${NOW}`;
    const headers = signStandardWebhook({ body: BODY, secret: NEW, timestamp: NOW, id });

    const moved = await post({ ...headers, 'webhook-id': 'msg' }, `${NOW}.${BODY}`);

    // The signature is right: what was signed is the same text.
    expect(moved).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
    expect(users.contexts).toEqual([]);
  });

  it('is answered 413 when it is larger than maxBodyBytes', async () => {
    const { post, labels } = await start(adapter, NEW);
    const body = JSON.stringify({ type: 'a', data: 'x'.repeat(2_000_000) });

    const { status } = await post(signStandardWebhook({ body, secret: NEW, timestamp: NOW }), body);

    expect(status).toBe(413);
    expect(labels()).toEqual([]);
  });

  it('shows neither secret nor signature in answers and logs', async () => {
    const { logger, post } = await start(adapter, { current: NEW, asymmetric: PUBLIC_KEY });
    const forged = sign(OLD);

    const answers = [await post(forged), await post({ ...forged, 'webhook-signature': NEW })];

    const log = logger.lines.map(({ text }) => text).join('\n');
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    expect(log).toContain('signature_mismatch');
    for (const secret of [NEW, PUBLIC_KEY.slice('whpk_'.length), forged['webhook-signature']]) {
      expect(JSON.stringify(answers) + log).not.toContain(secret);
    }
  });
});

/** The `webhook-*` headers of the body. */
function sign(
  secret: string,
  { id = 'msg_1', timestamp = NOW }: { id?: string; timestamp?: number } = {},
): Record<string, string> {
  return signStandardWebhook({ body: BODY, secret, timestamp, id });
}

async function start(adapter: Adapter, secrets: WebhookSecrets) {
  const { app, logger } = await startWebhookApp({
    adapter,
    endpoints: [],
    imports: [StandardWebhooksModule.forRoot({ name: 'own', secrets })],
    providers: [Users],
    clock: manualClock(NOW * 1000),
  });
  const users = app.get(Users);
  const url = `${await app.getUrl()}/webhooks/own`;
  const post = (headers: NonNullable<SendOptions['headers']>, body = BODY): Promise<Answer> =>
    send(url, { headers: { 'content-type': 'application/json', ...headers }, body });
  return {
    logger,
    post,
    users,
    labels: () => users.contexts.map(({ secretLabel }) => secretLabel),
  };
}
