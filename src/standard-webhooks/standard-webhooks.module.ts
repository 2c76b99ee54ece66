import { Module } from '@nestjs/common';
import type { ConfigurableModuleAsyncOptions, DynamicModule } from '@nestjs/common';
import { createEndpointModule } from '../endpoints/create-endpoint-module.js';
import type {
  StandardWebhooksExtras,
  StandardWebhooksOptions,
} from './standard-webhooks-options.interface.js';
import { StandardWebhooksEndpoint } from './standard-webhooks.endpoint.js';

const { ConfigurableModuleClass } = createEndpointModule<StandardWebhooksOptions>({
  defaultName: undefined,
  providers: [],
  inject: [],
  createEndpoint: (name, options) =>
    new StandardWebhooksEndpoint(name, options, { sender: 'standard-webhooks', svix: false }),
});

type AsyncOptions = ConfigurableModuleAsyncOptions<StandardWebhooksOptions, 'createWebhookOptions'>;

/** The built class as it is, but with a required `name`. */
const ModuleWithName: {
  new (): object;
  forRoot(options: StandardWebhooksOptions & StandardWebhooksExtras): DynamicModule;
  forRootAsync(options: AsyncOptions & StandardWebhooksExtras): DynamicModule;
} = ConfigurableModuleClass;

/**
 * An endpoint for a sender that signs by Standard Webhooks, such as Clerk, Resend, Svix, or a service of
 * your own. Import one for each of them, under a name of its own.
 *
 * The event's id is the `webhook-id` or `svix-id` header. Each endpoint is a source of its own.
 *
 * @example
 * StandardWebhooksModule.forRoot({ name: 'clerk', secrets: process.env.CLERK_WEBHOOK_SECRET! }) // POST /webhooks/clerk
 */
@Module({})
export class StandardWebhooksModule extends ModuleWithName {}
