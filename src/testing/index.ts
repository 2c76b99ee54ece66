// Sending webhooks to an application
export { createWebhookTester } from './create-webhook-tester.js';
export type { WaitOptions, WebhookTester, WebhookTesterOptions } from './create-webhook-tester.js';
export type { StackAuthTesterEndpoint, StripeTesterEndpoint } from './sender-endpoints.js';
export type {
  RawWebhook,
  SendOptions,
  StandardWebhooksSendOptions,
  WebhookTesterEndpoint,
} from './webhook-tester-endpoint.js';
export type { WebhookAnswer } from './tested-application.js';
export type { HttpAnswer } from './post.js';
export { signStripe } from './sign-stripe.js';
export type { SignStripeOptions } from './sign-stripe.js';
export { signStandardWebhook } from './sign-standard-webhook.js';
export type { SignStandardWebhookOptions } from './sign-standard-webhook.js';

// Building events
export { stripeEvent } from './stripe-event.js';
export type { WebhookEventBuilders } from './event-builders.js';
export type { StripeEventFields } from './stripe-event.js';
export { stackAuthEvent } from './stack-auth-event.js';
export { stripeNotification } from './stripe-notification.js';
export type { StripeNotificationBody, StripeNotificationFields } from './stripe-notification.js';

// Handlers as plain methods
export { webhookContext } from './webhook-context.js';
export type { WebhookContextOptions } from './webhook-context.js';

// Chaos
export { chaos } from './chaos/chaos.js';
export type { Chaos, ChaosEvent, ChaosOptions, ChaosReplay } from './chaos/chaos.js';
export type { ChaosReport } from './chaos/chaos-plan.js';
export type { AddressedEvent } from './chaos/prepared-events.js';

// An API of Stripe
export { stripeApiDouble } from './stripe-api/stripe-api-double.js';
export type { StripeApiDouble, StripeApiDoubleOptions } from './stripe-api/stripe-api-double.js';
export type { StripeApiAnswer, StripeApiFailure } from './stripe-api/stripe-api-answer.js';
export type {
  DelayedStripeRequests,
  StripeApiMatch,
} from './stripe-api/stripe-api-disturbances.js';
export type { StripeApiRequest } from './stripe-api/stripe-api-request.js';
export type { StripeEventBody } from './stripe-api/stripe-events.js';
export type { StripeEventDestinationBody } from './stripe-api/stripe-event-destinations.js';
export type { StripeWebhookEndpointBody } from './stripe-api/stripe-webhook-endpoints.js';
export type { ServedStripeObject } from './stripe-api/stripe-objects.js';

// Time
export { manualClock } from './manual-clock.js';
export type { ManualClock } from './manual-clock.js';

// Engines of your own
export { engineContract } from './engine-contract/engine-contract.js';
export type { EngineContractOptions } from './engine-contract/engine-bench.js';
export type {
  TestExpect,
  TestMatchers,
  TestRunner,
} from './engine-contract/test-runner.interface.js';
