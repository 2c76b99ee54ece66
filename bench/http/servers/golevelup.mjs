// @golevelup/nestjs-stripe, as its documentation shows it.
import { createApp } from './create-app.mjs';
import { createService } from './decorate.mjs';

export async function start(options) {
  const { load, secret, handlers, handle } = options;
  load('reflect-metadata');
  const { StripeModule, StripeWebhookHandler } = load('@golevelup/nestjs-stripe');
  const Billing = createService(
    load('@nestjs/common'),
    handlers,
    handle,
    StripeWebhookHandler('invoice.paid'),
  );
  const stripe = StripeModule.forRoot({
    apiKey: 'sk_test_benchmark',
    webhookConfig: {
      stripeSecrets: { account: secret, accountTest: secret },
      requestBodyProperty: 'rawBody',
    },
  });
  const port = await createApp(
    options,
    { imports: [stripe], providers: [Billing] },
    { rawBody: true },
  );
  return { port, path: '/stripe/webhook' };
}
