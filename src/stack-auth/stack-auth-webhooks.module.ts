import { Module } from '@nestjs/common';
import { createEndpointModule } from '../endpoints/create-endpoint-module.js';
import { StandardWebhooksEndpoint } from '../standard-webhooks/standard-webhooks.endpoint.js';
import type { StackAuthWebhooksOptions } from './stack-auth-options.interface.js';

const { ConfigurableModuleClass } = createEndpointModule<StackAuthWebhooksOptions>({
  defaultName: 'stack-auth',
  providers: [],
  inject: [],
  createEndpoint: (name, options) =>
    new StandardWebhooksEndpoint(name, options, { sender: 'stack-auth', svix: true }),
});

/**
 * An endpoint for Stack Auth. Import one for each project, under names and paths of their own.
 *
 * @example
 * StackAuthWebhooksModule.forRoot({ secrets: process.env.STACK_WEBHOOK_SECRET! }) // POST /webhooks/stack-auth
 */
@Module({})
export class StackAuthWebhooksModule extends ConfigurableModuleClass {}
