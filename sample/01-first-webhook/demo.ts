// `npm start`: runs the sample and sends it what Stripe would send.
// `npm start -- --serve`: leaves the sample listening for the Stripe CLI.
import { subscribe } from 'node:diagnostics_channel';
import { NestFactory } from '@nestjs/core';
import { signStripe, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { SubscriptionStore } from './subscription.store.js';

/** What the package publishes at the end of an attempt, as far as it is printed here. */
interface AttemptEnded {
  readonly type: string;
  readonly eventId: string;
  readonly handler: string;
  readonly attempt: number;
  readonly status: string;
}

interface Sending {
  readonly what: string;
  readonly event: { readonly type: string };
  readonly expectedStatus: number;
  readonly secret?: string;
  readonly timestamp?: number;
  readonly isDatabaseDown?: boolean;
}

const WITH_SECRET = `Then send something, in a third one:

  stripe trigger invoice.paid`;

const WITHOUT_SECRET = `It prints a signing secret, and every event is answered 400 until the sample has it. Start again with

  STRIPE_WEBHOOK_SECRET=whsec_... npm start -- --serve

or, in a POSIX shell, STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret) npm start -- --serve`;

const hasOwnSecret = process.env.STRIPE_WEBHOOK_SECRET !== undefined;
const secret = (process.env.STRIPE_WEBHOOK_SECRET ??= 'whsec_of_the_demo');
// Imported here because it reads the secret when it is loaded.
const { AppModule } = await import('./app.module.js');

if (process.argv.includes('--serve')) await serve(Number(process.env.PORT ?? 3000));
else await demonstrate();

async function demonstrate(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/webhooks/stripe`;
  console.log(`The sample listens on ${url}\n`);

  const store = app.get(SubscriptionStore);
  const attempts: AttemptEnded[] = [];
  onAttempt((attempt) => attempts.push(attempt));

  let isAsExpected = true;
  for (const sending of sendings()) {
    attempts.length = 0;
    if (sending.isDatabaseDown) breakOnce(store);
    const { status, code } = await send(url, sending);
    const ran = attempts.map((each) => `${each.handler} ${each.status}, attempt ${each.attempt}`);
    const outcome = code ?? (ran.join('; ') || 'no handler ran, it had succeeded before');
    print(sending, status, outcome);
    if (status !== sending.expectedStatus) isAsExpected = false;
  }
  await app.close();

  console.log(`\n${isAsExpected ? 'Every' : 'Not every'} answer is the expected one.`);
  process.exitCode = isAsExpected ? 0 : 1;
}

function sendings(): Sending[] {
  const paid = stripeEvent('invoice.paid', { object: { customer: 'cus_ada' } });
  const other = stripeEvent('invoice.paid', { object: { customer: 'cus_bob' } });
  const ended = stripeEvent('customer.subscription.deleted', { object: { customer: 'cus_ada' } });
  const tenMinutesAgo = Math.floor(Date.now() / 1000) - 600;
  return [
    { what: 'a paid invoice', event: paid, expectedStatus: 200 },
    { what: 'the same event again', event: paid, expectedStatus: 200 },
    { what: 'a forged event', event: ended, expectedStatus: 400, secret: 'whsec_of_a_forger' },
    { what: 'a stale event', event: ended, expectedStatus: 400, timestamp: tenMinutesAgo },
    { what: 'one, database down', event: other, expectedStatus: 500, isDatabaseDown: true },
    { what: 'the same, sent again', event: other, expectedStatus: 200 },
    { what: 'an ended subscription', event: ended, expectedStatus: 200 },
  ];
}

/** Posts an event as Stripe does. A refusal says its code. */
async function send(
  url: string,
  { event, ...signing }: Sending,
): Promise<{ status: number; code?: string }> {
  const body = JSON.stringify(event, undefined, 2);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': signStripe({ body, secret, ...signing }),
  };
  const response = await fetch(url, { method: 'POST', headers, body });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, ...(code !== undefined && { code }) };
}

function print({ what, event, expectedStatus }: Sending, status: number, outcome: string): void {
  const surprise = status === expectedStatus ? '' : ` (expected ${expectedStatus})`;
  console.log(`${what.padEnd(22)} ${event.type.padEnd(30)} ${status}${surprise}  ${outcome}`);
}

/** Lets the next call fail, and those after it succeed. */
function breakOnce(store: SubscriptionStore): void {
  store.extend = async () => {
    Reflect.deleteProperty(store, 'extend');
    throw new Error('the database is down');
  };
}

async function serve(port: number): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['log', 'warn', 'error'] });
  app.enableShutdownHooks();
  onAttempt(({ type, eventId, handler, status }) =>
    console.log(`${type} ${eventId}: ${handler} ${status}`),
  );
  await app.listen(port, '127.0.0.1');

  const target = `localhost:${port}/webhooks/stripe`;
  console.log(`
Listening on http://${target}. Ctrl+C ends it.
Connect the Stripe CLI (1.52 or later) in another terminal:

  stripe listen --events invoice.paid,customer.subscription.deleted --forward-to ${target}

${hasOwnSecret ? WITH_SECRET : WITHOUT_SECRET}
`);
}

function onAttempt(listener: (attempt: AttemptEnded) => void): void {
  subscribe('nestjs-webhook-inbox:attempt.ended', (message) => listener(message as AttemptEnded));
}
