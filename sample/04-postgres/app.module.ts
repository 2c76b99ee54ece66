import { Module } from '@nestjs/common';
import { WebhookInboxModule } from 'nestjs-webhook-inbox';
import { postgresEngine } from 'nestjs-webhook-inbox/postgres';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { Pool } from 'pg';
import { DatabaseModule } from './database.module.js';
import { OrderService } from './order.service.js';

@Module({
  imports: [
    DatabaseModule,
    WebhookInboxModule.forRootAsync({
      inject: [Pool],
      useFactory: (pool: Pool) => ({
        engine: postgresEngine({ pool }),
        // A web process stores events and runs none. It has the handlers all the same: it matches.
        worker: process.env.ROLE !== 'web',
      }),
    }),
    StripeWebhooksModule.forRoot({ secrets: process.env.STRIPE_WEBHOOK_SECRET! }),
  ],
  providers: [OrderService],
})
export class AppModule {}
