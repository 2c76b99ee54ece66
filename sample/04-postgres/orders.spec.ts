import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { WEBHOOK_INBOX_ENGINE } from 'nestjs-webhook-inbox';
import type { WebhookEngine } from 'nestjs-webhook-inbox';
import { createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { Pool } from 'pg';

const environment = { DATABASE_URL: process.env.POSTGRES_URL, STRIPE_WEBHOOK_SECRET: 'whsec_test' };
Object.assign(process.env, environment, { ROLE: 'web' });
const { AppModule } = await import('./app.module.js');
const ORDERS = 60;
let app: INestApplication;
let worker: ChildProcess;

beforeAll(async () => {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = await moduleRef.createNestApplication({ logger: false }).init();
});

afterAll(async () => {
  worker.kill();
  await once(worker, 'exit');
  await app.close();
});

function startWorker(): ChildProcess {
  const path = fileURLToPath(new URL('dist/worker.js', import.meta.url));
  const env = { ...process.env, ...environment, ROLE: 'worker' };
  return spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Resolves in the middle of a transaction. */
async function fulfilling({ stdout }: ChildProcess): Promise<void> {
  for await (const output of stdout!) if (String(output).includes('about to be')) return;
}

it('fulfils every order exactly once, whatever becomes of the worker', async () => {
  await app.get(Pool).query(`TRUNCATE orders, stock; INSERT INTO stock VALUES (${ORDERS})`);
  const events = Array.from({ length: ORDERS }, () => stripeEvent('checkout.session.completed'));
  for (const event of events) await createWebhookTester(app).stripe().send(event);

  worker = startWorker();
  await fulfilling(worker);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  worker = startWorker();

  const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE);
  await Promise.all(events.map(({ id }) => engine.attempted({ source: 'stripe', id })));
  const { rows } = await app.get(Pool).query('SELECT count(*)::int FROM orders');
  expect(rows).toEqual([{ count: ORDERS }]);
  expect((await app.get(Pool).query('SELECT * FROM stock')).rows).toEqual([{ available: 0 }]);
}, 60_000);
