// Module
export { WebhookInboxModule } from './inbox/webhook-inbox.module.js';
export type { DeadDelivery, WebhookInboxOptions } from './inbox/webhook-inbox.options.js';
export type { Ack } from './inbox/ack.js';
export type { RetryPolicy } from './inbox/retry-policy.js';
export type {
  WebhookEndpointExtras,
  WebhookEndpointOptions,
  WebhookSecrets,
} from './endpoints/endpoint-options.interface.js';
export type { WebhookEndpointInfo } from './endpoints/webhook-endpoint.interface.js';
export { webhookEndpointToken } from './inbox/tokens.js';

// Inbox
export { WebhookInbox } from './inbox/webhook-inbox.service.js';
export { WebhookInboxAdmin } from './inbox/webhook-inbox-admin.service.js';
export type { InboxHealth, InboxHealthBounds, InboxStats } from './inbox/webhook-inbox.service.js';
export type { EventFilter, EventPage, EventQuery } from './inbox/event-query.interface.js';
export type { ReplayOptions, ReplayReport } from './inbox/webhook-replayer.js';
export type { DeliveryKey, ReceiveOptions } from './inbox/webhook-inbox-admin.service.js';
export type {
  Delivery,
  DeliveryStatus,
  KeptError,
  StoredEvent,
} from './inbox/delivery.interface.js';
export type { ArrivedBy, EventKey, WebhookEvent } from './inbox/webhook-event.interface.js';

// Engines
export { memoryEngine } from './inbox/memory/memory-engine.js';
export type { MemoryEngineOptions } from './inbox/memory/memory-engine.options.js';
export { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from './inbox/tokens.js';
export type { Clock } from './inbox/clock.js';
export type {
  Acceptance,
  Arrival,
  ConsumeOptions,
  DueDelivery,
  EngineCapabilities,
  EngineEnvironment,
  EngineFeature,
  EngineLog,
  FailedOutcome,
  EngineStats,
  Change,
  Outcome,
  PruneReport,
  PruneTimes,
  LaneOrder,
  OnDead,
  Replay,
  ReplayResult,
  RunDelivery,
  SettledDelivery,
  Transact,
  WantedDelivery,
  WebhookEngine,
} from './inbox/webhook-engine.interface.js';

// Handlers
export { OnWebhook } from './handlers/on-webhook.decorator.js';
export { createWebhookDecorator } from './handlers/create-webhook-decorator.js';
export type { WebhookDecorator } from './handlers/create-webhook-decorator.js';
export type { WebhookHandlerOptions } from './handlers/webhook-subscription.interface.js';
export { WebhookContext } from './handlers/webhook-context.js';

// Routes of your own
export { VerifyWebhook } from './endpoints/verify-webhook.decorator.js';
export { VerifiedEvent } from './endpoints/verified-event.decorator.js';
export { WebhookSignatureGuard } from './endpoints/webhook-signature.guard.js';

// Errors that handlers throw
export { NonRetriableError } from './errors/non-retriable.error.js';
export { RetryAfterError } from './errors/retry-after.error.js';
export { SkipDelivery } from './errors/skip-delivery.error.js';

// Errors that this package throws
export { WebhooksError } from './errors/webhooks.error.js';
export { AttemptsExhaustedError } from './errors/attempts-exhausted.error.js';
export { BodyConsumedError } from './errors/body-consumed.error.js';
export { BodyTooLargeError } from './errors/body-too-large.error.js';
export { BodyUnreadableError } from './errors/body-unreadable.error.js';
export { DeliveriesUnfinishedError } from './errors/deliveries-unfinished.error.js';
export { DeliveryLostError } from './errors/delivery-lost.error.js';
export { EventQueryError } from './errors/event-query.error.js';
export { HandlerAbortedError } from './errors/handler-aborted.error.js';
export { HandlerTimeoutError } from './errors/handler-timeout.error.js';
export { InboxUnavailableError } from './errors/inbox-unavailable.error.js';
export { InvalidReplyError } from './errors/invalid-reply.error.js';
export { MalformedEventError } from './errors/malformed-event.error.js';
export { RefusedRequestError } from './errors/refused-request.error.js';
export { SignatureError } from './errors/signature.error.js';
export type { SignatureErrorCode } from './errors/signature.error.js';
export { StripeAnswerError } from './errors/stripe-answer.error.js';
export { StripeClientError } from './errors/stripe-client.error.js';
export { TransactionEndedError } from './errors/transaction-ended.error.js';
export { UnsupportedEncodingError } from './errors/unsupported-encoding.error.js';
export { WebhookConfigurationError } from './errors/webhook-configuration.error.js';
