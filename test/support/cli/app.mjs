// A user's root module as the command line loads it: compiled JavaScript. What a test decides of it, it
// puts here first.
import { Module } from '@nestjs/common';
import { OnWebhook, WebhookInboxModule } from '../../../src/index.js';
import { OnStripeEvent, StripeWebhooksModule } from '../../../src/stripe/index.js';

export const given = { client: undefined, engine: undefined, reconcile: undefined, worker: true };
export const runs = [];

class Billing {
  async onPaid(event) {
    // Long enough that nobody who does not wait sees it end.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    runs.push(event.id);
  }

  onNew() {
    throw new Error('Not today.');
  }
}

function decorate(method, decorator) {
  decorator(Billing.prototype, method, Object.getOwnPropertyDescriptor(Billing.prototype, method));
}
decorate('onPaid', OnStripeEvent('invoice.paid', { scope: 'account' }));
decorate('onNew', OnWebhook('stripe', 'invoice.newer_than_the_sdk'));

export class AppModule {}
Module({
  imports: [
    WebhookInboxModule.forRootAsync({
      useFactory: () => ({
        engine: given.engine,
        worker: given.worker,
      }),
    }),
    StripeWebhooksModule.forRootAsync({
      useFactory: () => ({
        secrets: 'whsec_configured',
        client: given.client,
        reconcile: given.reconcile,
      }),
    }),
  ],
  providers: [Billing],
})(AppModule);

class Payouts {
  onPayout() {}
}
OnStripeEvent('payout.paid', { scope: 'connect' })(
  Payouts.prototype,
  'onPayout',
  Object.getOwnPropertyDescriptor(Payouts.prototype, 'onPayout'),
);

export class ConnectModule {}
Module({ imports: [AppModule], providers: [Payouts] })(ConnectModule);

export class OtherModule {}
Module({})(OtherModule);
