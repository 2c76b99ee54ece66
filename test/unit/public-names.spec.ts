import { describe, expect, it } from '@jest/globals';
import * as root from '../../src/index.js';
import * as postgres from '../../src/postgres/index.js';
import * as stackAuth from '../../src/stack-auth/index.js';
import * as standardWebhooks from '../../src/standard-webhooks/index.js';
import * as stripe from '../../src/stripe/index.js';
import * as testing from '../../src/testing/index.js';

describe('public names', () => {
  it.each([
    [
      'nestjs-webhook-inbox',
      root,
      [
        'AttemptsExhaustedError',
        'BodyConsumedError',
        'BodyTooLargeError',
        'BodyUnreadableError',
        'DeliveriesUnfinishedError',
        'DeliveryLostError',
        'EventQueryError',
        'HandlerAbortedError',
        'HandlerTimeoutError',
        'InboxUnavailableError',
        'InvalidReplyError',
        'MalformedEventError',
        'NonRetriableError',
        'OnWebhook',
        'RefusedRequestError',
        'RetryAfterError',
        'SignatureError',
        'SkipDelivery',
        'StripeClientError',
        'TransactionEndedError',
        'UnsupportedEncodingError',
        'VerifiedEvent',
        'VerifyWebhook',
        'WEBHOOK_INBOX_CLOCK',
        'WEBHOOK_INBOX_ENGINE',
        'WebhookConfigurationError',
        'WebhookContext',
        'WebhookInbox',
        'WebhookInboxAdmin',
        'WebhookInboxModule',
        'WebhookSignatureGuard',
        'WebhooksError',
        'createWebhookDecorator',
        'memoryEngine',
        'webhookEndpointToken',
      ],
    ],
    [
      'nestjs-webhook-inbox/stripe',
      stripe,
      [
        'OnStripeEvent',
        'OnStripeNotification',
        'OnStripeObject',
        'STRIPE_CLIENT',
        'StripeAppPermissions',
        'StripeCanary',
        'StripeDestinations',
        'StripeReconciler',
        'StripeWebhookContext',
        'StripeWebhooksModule',
        'grantCommand',
        'permissionsIn',
      ],
    ],
    ['nestjs-webhook-inbox/standard-webhooks', standardWebhooks, ['StandardWebhooksModule']],
    ['nestjs-webhook-inbox/stack-auth', stackAuth, ['OnStackAuthEvent', 'StackAuthWebhooksModule']],
    [
      'nestjs-webhook-inbox/postgres',
      postgres,
      [
        'drizzleTransactions',
        'knexTransactions',
        'kyselyTransactions',
        'pgTransactions',
        'postgresEngine',
        'prismaTransactions',
        'typeormTransactions',
      ],
    ],
    [
      'nestjs-webhook-inbox/testing',
      testing,
      [
        'chaos',
        'createWebhookTester',
        'engineContract',
        'manualClock',
        'signStandardWebhook',
        'signStripe',
        'stackAuthEvent',
        'stripeApiDouble',
        'stripeEvent',
        'stripeNotification',
        'webhookContext',
      ],
    ],
  ])('of %s are these and no others', (_path, exported, names) => {
    expect(Object.keys(exported).sort()).toEqual(names);
  });
});
