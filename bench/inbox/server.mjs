// A Nest application on Express with an endpoint and one handler that does nothing. Arguments: which engine,
// and where its data are. Over IPC it says its port, and answers 'memory', 'list' and 'settled'.
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { WebhookInbox, WebhookInboxModule } from 'nestjs-webhook-inbox';
import { postgresEngine } from 'nestjs-webhook-inbox/postgres';
import { OnStripeEvent, StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { median } from '../statistics.mjs';
import { loadBullMq } from './install-bullmq.mjs';
import { SECRET } from './secret.mjs';

const [contender, connectionString, place] = process.argv.slice(2);
const LISTS = 21;

/** Each with the same pool, where it uses one. */
const CONTENDERS = {
  nothing: () => ({ engine: storingBy(async () => undefined), worker: false }),
  'bare insert': () => ({ engine: bareInsert(createPool()), worker: false }),
  memory: () => ({}),
  embedded: () => ({ engine: postgresEngine({ embedded: place }), worker: false }),
  postgres: () => ({
    engine: postgresEngine({ pool: createPool(), schema: place }),
    worker: false,
  }),
  BullMQ: () => ({ engine: addingJobs(), worker: false }),
  'postgres and worker': () => ({ engine: postgresEngine({ pool: createPool(), schema: place }) }),
};

class Handler {
  handle() {}
}
OnStripeEvent('*', { id: 'handler' })(
  Handler.prototype,
  'handle',
  Object.getOwnPropertyDescriptor(Handler.prototype, 'handle'),
);
Injectable()(Handler);

class AppModule {}
Module({
  imports: [
    WebhookInboxModule.forRoot(CONTENDERS[contender]()),
    StripeWebhooksModule.forRoot({ secrets: SECRET }),
  ],
  providers: [Handler],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
process.on('message', (question) => void answer(question).then((said) => process.send(said)));
process.on('disconnect', () => process.exit(0));
process.send({ port: app.getHttpServer().address().port });

async function answer(question) {
  if (question === 'memory') return { rssMegabytes: process.memoryUsage.rss() / 2 ** 20 };
  if (question === 'settled') return { settled: await settled() };
  return { listMs: await timeList({}), pendingMs: await timeList({ status: 'pending' }) };
}

/** The median of several: one alone says more about what else the machine did. */
async function timeList(query) {
  const times = [];
  for (let taken = 0; taken < LISTS; taken++) {
    const startedAtMs = performance.now();
    await app.get(WebhookInbox).list({ limit: 100, ...query });
    times.push(performance.now() - startedAtMs);
  }
  return median(times);
}

/** Resolves when nothing is left to run. */
async function settled() {
  for (;;) {
    const { deliveries } = await app.get(WebhookInbox).stats();
    if (deliveries.pending + deliveries.running + deliveries.failed === 0) return true;
    await delay(200);
  }
}

function createPool() {
  return new pg.Pool({ connectionString, max: 16 });
}

/** The same endpoint, with another way to store: what is compared is storing alone. */
function storingBy(store, start = async () => undefined) {
  return {
    capabilities: { survives: 'power-cut' },
    start,
    accept: async ([{ event }]) => {
      await store(event);
      return [{ status: 'accepted' }];
    },
    stop: async () => undefined,
  };
}

function bareInsert(pool) {
  return storingBy(
    ({ source, id, rawBody }) =>
      pool.query(
        `INSERT INTO ${place}.bare VALUES ($1, $2, $3) ON CONFLICT (source, id) DO NOTHING`,
        [source, id, rawBody],
      ),
    () =>
      pool.query(
        `CREATE SCHEMA ${place};
         CREATE TABLE ${place}.bare (source text, id text, body bytea, PRIMARY KEY (source, id))`,
      ),
  );
}

/** As teams do it: the id of the job is the event's. */
function addingJobs() {
  const { Queue, connection } = loadBullMq();
  const queue = new Queue(place, { connection });
  return storingBy(({ id, rawBody }) =>
    queue.add('event', { body: rawBody.toString() }, { jobId: id }),
  );
}
