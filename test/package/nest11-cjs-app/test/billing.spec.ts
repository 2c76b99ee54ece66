import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { AppModule } from '../src/app.module';
import { BillingService } from '../src/billing.service';

describe('billing', () => {
  let app: INestApplication;

  beforeEach(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = module.createNestApplication();
    await app.init();
  });

  afterEach(() => app.close());

  it('extends the subscription of a paid invoice', async () => {
    const tester = createWebhookTester(app);

    const answer = await tester
      .stripe()
      .send(stripeEvent('invoice.paid', { object: { id: 'in_1' } }));

    expect(answer.status).toBe(200);
    expect(app.get(BillingService).paid).toEqual(['in_1 on stripe']);
  });
});
