import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { signStandardWebhook } from '../../src/testing/sign-standard-webhook.js';
import { REFERENCE_VECTOR, SPECIFICATION_VECTOR } from '../support/standard-webhooks-vectors.js';

describe.each([REFERENCE_VECTOR, SPECIFICATION_VECTOR])('The published vector $id', (vector) => {
  const { id, timestamp, body, secret, signature } = vector;

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is what svix, standardwebhooks and we sign', () => {
    const date = new Date(timestamp * 1000);

    expect(new SvixWebhook(secret).sign(id, date, body)).toBe(signature);
    expect(new StandardWebhook(secret).sign(id, date, body)).toBe(signature);
    expect(signStandardWebhook({ body, secret, id, timestamp })['webhook-signature']).toBe(
      signature,
    );
  });

  it('is accepted by both libraries in the headers that we make', () => {
    jest.spyOn(Date, 'now').mockReturnValue(timestamp * 1000);
    const webhook = signStandardWebhook({ body, secret, id, timestamp });
    const svix = signStandardWebhook({ body, secret, id, timestamp, svix: true });

    expect(new StandardWebhook(secret).verify(body, webhook)).toEqual(JSON.parse(body));
    for (const headers of [webhook, svix]) {
      expect(() => new SvixWebhook(secret).verify(body, headers)).not.toThrow();
    }
  });
});
