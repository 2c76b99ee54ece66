import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { CreditStore } from './credit.store.js';
import { CreditsService } from './credits.service.js';
import { NaiveCreditsService } from './naive-credits.service.js';

const paid = (invoice: string, amount_paid: number) =>
  stripeEvent('invoice.paid', {
    id: `evt_of_${invoice}`,
    object: { id: invoice, customer: 'cus_1', amount_paid },
  });

let app: INestApplication;
afterEach(() => app.close());

async function start(service: Type) {
  const moduleRef = await Test.createTestingModule({
    imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_test' })],
    providers: [CreditStore, service],
  }).compile();
  app = moduleRef.createNestApplication({ logger: false });
  return { store: app.get(CreditStore), tester: createWebhookTester(app) };
}

describe.each([[NaiveCreditsService], [CreditsService]])('%p', (service) => {
  it('credits every invoice once, as long as nothing goes wrong', async () => {
    const { store, tester } = await start(service);

    for (const event of [paid('in_1', 100), paid('in_1', 100), paid('in_2', 20)]) {
      await tester.stripe().send(event);
    }

    expect(store.balanceOf('cus_1')).toBe(120);
  });
});

const chaosOf = async (service: Type) => {
  const { store, tester } = await start(service);
  const events = [paid('in_1', 100), paid('in_2', 20)];
  const chaos = tester.chaos(events).startingFrom(() => store.clear());
  return chaos.expectSameOutcome(() => store.balances());
};

it('credits twice when it crashes before it has booked: only chaos finds it', async () => {
  await expect(chaosOf(NaiveCreditsService)).rejects.toThrow('another state');
});

it('credits once whatever happens', async () => {
  await expect(chaosOf(CreditsService)).resolves.toMatchObject({ runs: expect.any(Number) });
}, 30_000);
