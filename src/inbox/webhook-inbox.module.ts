import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { WEBHOOK_INBOX_OPTIONS } from './tokens.js';
import { WebhookInboxCoreModule } from './webhook-inbox-core.module.js';
import type { WebhookInboxOptions } from './webhook-inbox.options.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<WebhookInboxOptions>({
  optionsInjectionToken: WEBHOOK_INBOX_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWebhookInboxOptions')
  .setExtras({}, (definition) => ({
    ...definition,
    global: true,
    exports: [...(definition.exports ?? []), WEBHOOK_INBOX_OPTIONS],
  }))
  .build();

/**
 * Configures the inbox of the application: engine, concurrency, timeouts, retries, hooks. Only needed
 * where a default does not fit; import it once, in the root module.
 *
 * @example
 * WebhookInboxModule.forRoot({ concurrency: 32, onDead: (delivery) => pager.alert(delivery) })
 */
@Module({ imports: [WebhookInboxCoreModule] })
export class WebhookInboxModule extends ConfigurableModuleClass {}
