import { Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import type Stripe from 'stripe';
import { createEndpointModule, ENDPOINT_OPTIONS } from '../endpoints/create-endpoint-module.js';
import { StripeOperationsModule } from './stripe-operations.module.js';
import { StripeEndpoint } from './stripe.endpoint.js';
import type { StripeClientSelector } from './stripe-clients.js';
import { STRIPE_CLIENT } from './stripe-client.token.js';
import type { StripeWebhooksOptions } from './stripe-endpoint-options.interface.js';

const { ConfigurableModuleClass } = createEndpointModule<StripeWebhooksOptions>({
  defaultName: 'stripe',
  providers: [
    {
      provide: STRIPE_CLIENT,
      inject: [ENDPOINT_OPTIONS],
      useFactory: ({ client }: StripeWebhooksOptions) => client,
    },
  ],
  inject: [STRIPE_CLIENT, DiscoveryService],
  createEndpoint: (
    name,
    options,
    client: Stripe | StripeClientSelector | undefined,
    discovery: DiscoveryService,
  ) => new StripeEndpoint(name, options, () => client ?? findProvidedClient(discovery, options)),
});

/**
 * An endpoint for Stripe. Import one for each endpoint that Stripe has, under names and paths of their
 * own.
 *
 * @example
 * StripeWebhooksModule.forRoot({ secrets: process.env.STRIPE_WEBHOOK_SECRET! }) // POST /webhooks/stripe
 */
@Module({ imports: [DiscoveryModule, StripeOperationsModule] })
export class StripeWebhooksModule extends ConfigurableModuleClass {}

/**
 * The client that the application provides itself, in whichever module, or that of another endpoint of the
 * same source. One of another source may be another party's account.
 */
function findProvidedClient(
  discovery: DiscoveryService,
  { source = 'stripe' }: StripeWebhooksOptions,
): Stripe | StripeClientSelector | undefined {
  return discovery.getProviders().find(({ token, instance, host }) => {
    if (token !== STRIPE_CLIENT || !instance) return false;
    const other = host?.providers.get(ENDPOINT_OPTIONS)?.instance as
      StripeWebhooksOptions | undefined;
    return !other || (other.source ?? 'stripe') === source;
  })?.instance;
}
