// This package, with its defaults: the engine in memory, and the answer after the handlers.
import { createApp } from './create-app.mjs';
import { createService } from './decorate.mjs';

export async function start(options) {
  const { load, secret, sender, handlers, handle } = options;
  load('reflect-metadata');
  const { decorate, endpoint, path } = SENDERS[sender](load, secret);
  const Billing = createService(load('@nestjs/common'), handlers, handle, decorate);
  const port = await createApp(options, { imports: [endpoint], providers: [Billing] });
  return { port, path };
}

const SENDERS = {
  stripe: (load, secrets) => {
    const { OnStripeEvent, StripeWebhooksModule } = load('nestjs-webhook-inbox/stripe');
    return {
      decorate: OnStripeEvent('invoice.paid'),
      endpoint: StripeWebhooksModule.forRoot({ secrets }),
      path: '/webhooks/stripe',
    };
  },
  'standard-webhooks': (load, secrets) => {
    const { OnWebhook } = load('nestjs-webhook-inbox');
    const { StandardWebhooksModule } = load('nestjs-webhook-inbox/standard-webhooks');
    return {
      decorate: OnWebhook('svix', 'invoice.paid'),
      endpoint: StandardWebhooksModule.forRoot({ name: 'svix', secrets }),
      path: '/webhooks/svix',
    };
  },
};
