import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RawBodyInstaller } from '../endpoints/raw-body.installer.js';
import { RefusalLog } from '../endpoints/refusal-log.js';
import { RequestRefusals } from '../endpoints/request-refusals.js';
import { WebhookAnswer } from '../endpoints/webhook-answer.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { WebhookRequestReader } from '../endpoints/webhook-request.reader.js';
import { DeliveryFailures } from '../handlers/delivery-failures.js';
import { WebhookDispatcher } from '../handlers/webhook.dispatcher.js';
import { WebhookHandlerAccessor } from '../handlers/webhook-handler.accessor.js';
import { WebhookHandlerExplorer } from '../handlers/webhook-handler.explorer.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import { systemClock } from './clock.js';
import { HandlerRegistration } from './handler-registration.js';
import { InboxLifecycle } from './inbox-lifecycle.js';
import {
  WEBHOOK_INBOX_CLOCK,
  WEBHOOK_INBOX_ENGINE,
  WEBHOOK_INBOX_OPTIONS,
  WEBHOOK_INBOX_SETTINGS,
} from './tokens.js';
import { WebhookInboxAdmin } from './webhook-inbox-admin.service.js';
import { resolveEngine, resolveInboxOptions } from './webhook-inbox.options.js';
import type { WebhookInboxOptions } from './webhook-inbox.options.js';
import { WebhookInboxRuntime } from './webhook-inbox.runtime.js';
import { WebhookInbox } from './webhook-inbox.service.js';
import { WebhookPruner } from './webhook.pruner.js';
import { WebhookReplayer } from './webhook-replayer.js';
import { WebhookReceiver } from './webhook.receiver.js';
import { WebhookReplier } from './webhook.replier.js';

const OPTIONS = [{ token: WEBHOOK_INBOX_OPTIONS, optional: true }];

/** The inbox itself, once an application, whatever endpoints bring it. Configured by WebhookInboxModule. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: WEBHOOK_INBOX_SETTINGS, inject: OPTIONS, useFactory: resolveInboxOptions },
    {
      provide: WEBHOOK_INBOX_ENGINE,
      inject: OPTIONS,
      useFactory: (options?: WebhookInboxOptions) => resolveEngine(options),
    },
    { provide: WEBHOOK_INBOX_CLOCK, useValue: systemClock },
    DeliveryFailures,
    HandlerRegistration,
    InboxLifecycle,
    RawBodyInstaller,
    RefusalLog,
    RequestRefusals,
    WebhookAnswer,
    WebhookDispatcher,
    WebhookEndpointRegistry,
    WebhookHandlerAccessor,
    WebhookHandlerExplorer,
    WebhookHandlerRegistry,
    WebhookInbox,
    WebhookInboxAdmin,
    WebhookInboxRuntime,
    WebhookPruner,
    WebhookReceiver,
    WebhookReplayer,
    WebhookReplier,
    WebhookRequestReader,
  ],
  exports: [
    WEBHOOK_INBOX_CLOCK,
    WEBHOOK_INBOX_ENGINE,
    WEBHOOK_INBOX_SETTINGS,
    InboxLifecycle,
    RequestRefusals,
    WebhookAnswer,
    WebhookEndpointRegistry,
    WebhookHandlerRegistry,
    WebhookInbox,
    WebhookInboxAdmin,
    WebhookReceiver,
    WebhookReplier,
    WebhookRequestReader,
  ],
})
export class WebhookInboxCoreModule {}
