// A Nest application that receives Stripe's events and runs two handlers for each. What a handler does is
// written down when it begins and when it ends. It says its port on stdout, and ends by being killed.
// Arguments: schema.
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { SECRET } from './secret.mjs';

const [schema] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { WebhookInboxModule } = await import(`${build}/index.js`);
const { OnStripeEvent, StripeWebhooksModule } = await import(`${build}/stripe/index.js`);
const { postgresEngine } = await import(`${build}/postgres/index.js`);

const connectionString = `${process.env.POSTGRES_URL}?application_name=${schema}`;
const pool = new pg.Pool({ connectionString, max: 10 });
pool.on('error', () => undefined);

class Handlers {
  steady(event, context) {
    return run(event, context);
  }

  /** The first attempt of every tenth event fails. */
  shaky(event, context) {
    return run(event, context, context.attempt === 1 && event.created % 10 === 0);
  }
}
decorate(Handlers.prototype, 'steady');
decorate(Handlers.prototype, 'shaky');
Injectable()(Handlers);

class AppModule {}
Module({
  imports: [
    WebhookInboxModule.forRoot({
      engine: postgresEngine({ connectionString, schema }),
      retry: { minDelayMs: 20, maxDelayMs: 2000, attempts: 1000 },
    }),
    StripeWebhooksModule.forRoot({ secrets: SECRET }),
  ],
  providers: [Handlers],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
process.stdout.write(`${app.getHttpServer().address().port}\n`);

async function run(event, { handler, attempt }, mustFail = false) {
  const begun = await pool.query(
    `INSERT INTO ${schema}.run (event_id, handler, attempt, pid) VALUES ($1, $2, $3, $4) RETURNING id`,
    [event.id, handler, attempt, process.pid],
  );
  await delay(Math.random() * 20);
  if (mustFail) throw new Error('The first attempt fails.');
  await pool.query(`UPDATE ${schema}.run SET ended_at = clock_timestamp() WHERE id = $1`, [
    begun.rows[0].id,
  ]);
}

function decorate(prototype, method) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  OnStripeEvent('*', { id: method })(prototype, method, descriptor);
}
