// Starts the application, posts one signed and one forged event to it, and prints the answers.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { WebhooksError } from 'nestjs-webhook-inbox';
import { signStripe, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { AppModule } from './app.module';
import { BillingService } from './billing.service';

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/webhooks/stripe`;

  const body = JSON.stringify(stripeEvent('invoice.paid', { object: { id: 'in_1' } }));
  const post = async (secret: string) => {
    const headers = {
      'content-type': 'application/json',
      'stripe-signature': signStripe({ body, secret }),
    };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  console.log(`signed ${await post('whsec_test')}`);
  console.log(`forged ${await post('whsec_other')}`);
  console.log(`handled ${app.get(BillingService).paid.join()}`);
  console.log(`imported ${WebhooksError.name}`);

  await app.close();
}

void main();
