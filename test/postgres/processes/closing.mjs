// An application whose handlers return at once, when they are told to, or never: as the ids of their events
// begin. Arguments: schema; `own` pool of the engine or a `given` one; shutdownTimeoutMs; `transaction` where
// they run in one and write what they run. It says on stdout what runs, and what closing it came to.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';

const [schema, whose, shutdownTimeoutMs, transaction] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { OnWebhook, WebhookInboxAdmin, WebhookInboxModule } = await import(`${build}/index.js`);
const { postgresEngine } = await import(`${build}/postgres/index.js`);
const { StripeWebhooksModule } = await import(`${build}/stripe/index.js`);

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const warnings = [];
const errors = [];
const logger = {
  log: () => {},
  warn: (message) => warnings.push(message),
  error: (message) => errors.push(message),
};
/** What is called when an event runs. */
const begun = new Map();
let finish;
const told = new Promise((resolve) => (finish = resolve));

class Handlers {
  async run({ id }, context) {
    if (transaction) {
      await context.transaction.query(`INSERT INTO ${schema}.fulfilment VALUES ($1)`, [id]);
    }
    begun.get(id)();
    if (id.startsWith('told')) await told;
    if (id.startsWith('stuck')) await new Promise(() => {});
  }
}
OnWebhook('stripe', '*', { id: 'handler', transaction: transaction !== undefined })(
  Handlers.prototype,
  'run',
  Object.getOwnPropertyDescriptor(Handlers.prototype, 'run'),
);

const connectionString = process.env.POSTGRES_URL;
const pool = whose === 'given' ? new pg.Pool({ connectionString, max: 4 }) : undefined;
pool?.on('error', () => {});

/** The last to be closed, as the README says. */
class Pool {
  async onApplicationShutdown() {
    await pool?.end();
  }
}

class AppModule {}
Module({
  imports: [
    WebhookInboxModule.forRoot({
      engine: postgresEngine({ ...(pool ? { pool } : { connectionString }), schema }),
      shutdownTimeoutMs: Number(shutdownTimeoutMs),
    }),
    StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe' }),
  ],
  providers: [Handlers, Pool],
})(AppModule);

const app = await NestFactory.createApplicationContext(AppModule, { logger });
say('started');

process.stdin.on('data', (lines) => {
  for (const line of String(lines).trim().split('\n')) void obey(line);
});

async function obey(command) {
  const [verb, id] = command.split(' ');
  if (verb === 'receive') {
    const event = { id, object: 'event', type: 'invoice.paid', data: { object: {} } };
    const running = new Promise((resolve) => begun.set(id, resolve));
    await app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event });
    await running;
    say('running', id);
  }
  if (verb === 'finish') finish();
  if (verb === 'close') {
    process.stdin.destroy();
    const startedAt = performance.now();
    await app.close();
    const tookMs = performance.now() - startedAt;
    say('closed', JSON.stringify({ tookMs, warnings, errors }));
  }
}
