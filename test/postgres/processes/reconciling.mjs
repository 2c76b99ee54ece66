// An application that stores and runs nothing. Arguments: schema; port of Stripe's API; since when.
// `run` on stdin makes it reconcile; with `freeze` it stands still after the first page, as a process does
// that is about to be killed. It says on stdout what became of it.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import Stripe from 'stripe';

const [schema, port, since] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { WebhookInboxModule } = await import(`${build}/index.js`);
const { postgresEngine } = await import(`${build}/postgres/index.js`);
const { OnStripeEvent, StripeReconciler, StripeWebhooksModule } = await import(
  `${build}/stripe/index.js`
);

/** As the application of the test has it. */
class Ledgers {
  onInvoice() {}
}
OnStripeEvent(['invoice.paid', 'invoice.voided'], { scope: 'any' })(
  Ledgers.prototype,
  'onInvoice',
  Object.getOwnPropertyDescriptor(Ledgers.prototype, 'onInvoice'),
);

class AppModule {}
Module({
  imports: [
    WebhookInboxModule.forRoot({
      engine: postgresEngine({ connectionString: process.env.POSTGRES_URL, schema }),
      worker: false,
    }),
    StripeWebhooksModule.forRoot({
      secrets: 'whsec_stripe',
      client: new Stripe('sk_test_1', {
        host: '127.0.0.1',
        port: Number(port),
        protocol: 'http',
        maxNetworkRetries: 0,
      }),
    }),
  ],
  providers: [Ledgers],
})(AppModule);

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
say('started');

process.stdin.on('data', (line) => void reconcile(String(line).trim()));

async function reconcile(command) {
  const onProgress = () => {
    if (command !== 'freeze') return;
    say('page');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const { status, missed } = await app
    .get(StripeReconciler)
    .run({ since: new Date(since), accounts: [], onProgress });
  say('ended', status, missed.length);
}
