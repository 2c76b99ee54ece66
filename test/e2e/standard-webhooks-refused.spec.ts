import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/index.js';
import { StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import { ED25519_PRIVATE_KEYS } from '../support/standard-webhooks-vectors.js';

const RIGHT = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe.each(ADAPTERS)(
  'An application with Standard Webhooks on %s refuses to start',
  (adapter) => {
    it.each([
      ['a secret that was cut', 'whsec_MfKQ9r8GKYqrTwj', /is not base64/],
      ['a secret that is too short', 'whsec_MfKQ9r8GKYqrTwjU', /is a key of 12 bytes.*16 to 75/],
      ["Stripe's secret", 'whsec_test_secret_of_stripe', /check that it is not a Stripe secret/],
      ['a private key', ED25519_PRIVATE_KEYS[0]!, /is a private key.*whpk_/],
      ['a public key that was cut', 'whpk_11qYAYKxCrfVS/7TyWQH', /is no public key/],
    ])('with %s, and names it without showing it', async (_what, secret, says) => {
      for (const module of [
        StandardWebhooksModule.forRoot({ name: 'own', secrets: { current: RIGHT, next: secret } }),
        StackAuthWebhooksModule.forRoot({ name: 'own', secrets: { current: RIGHT, next: secret } }),
      ]) {
        const error: Error = await buildWebhookApp({
          adapter,
          endpoints: [],
          imports: [module],
        }).then(
          () => new Error('it started'),
          (reason: Error) => reason,
        );

        expect(error).toBeInstanceOf(WebhookConfigurationError);
        expect(error.message).toMatch(/^Webhook endpoint "own": its secret "next" /);
        expect(error.message).toMatch(says);
        expect(error.message).not.toContain(secret.slice('whsec_'.length));
      }
    });

    it('without a name', () => {
      const options = { secrets: RIGHT } as Parameters<typeof StandardWebhooksModule.forRoot>[0];

      expect(() => StandardWebhooksModule.forRoot(options)).toThrow(WebhookConfigurationError);
      expect(() => StandardWebhooksModule.forRoot(options)).toThrow(
        "forRoot({ name: 'clerk', … })",
      );
    });
  },
);
