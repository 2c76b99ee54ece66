// A controller written by hand, as Nest's documentation shows raw bodies.
import { createApp } from './create-app.mjs';
import { createService, decorateMethod } from './decorate.mjs';

export async function start(options) {
  const { load, secret, handlers, handle } = options;
  load('reflect-metadata');
  const common = load('@nestjs/common');
  const { BadRequestException, Controller, HttpCode, Post, Req } = common;
  const Stripe = load('stripe');
  const stripe = new Stripe('sk_test_benchmark');
  const BillingService = createService(common, handlers, handle);

  class StripeController {
    constructor(billing) {
      this.billing = billing;
    }

    async receive(request) {
      const event = this.verify(request);
      for (let index = 0; index < handlers; index++) await this.billing[`handle${index}`](event);
      return { received: true };
    }

    verify({ rawBody, headers }) {
      try {
        return stripe.webhooks.constructEvent(rawBody, headers['stripe-signature'], secret);
      } catch (error) {
        throw new BadRequestException(error.message);
      }
    }
  }
  Reflect.defineMetadata('design:paramtypes', [BillingService], StripeController);
  decorateMethod(StripeController, 'receive', Post(), HttpCode(200));
  Req()(StripeController.prototype, 'receive', 0);
  Controller('webhooks/stripe')(StripeController);

  const module = { controllers: [StripeController], providers: [BillingService] };
  const port = await createApp(options, module, { rawBody: true });
  return { port, path: '/webhooks/stripe' };
}
