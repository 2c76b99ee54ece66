import 'reflect-metadata';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { stripeEvent } from '../../src/testing/index.js';
import { APP, given, run, runs } from '../support/cli/run.js';
import { survivingEngine } from '../support/reconciled-app.js';
import { addForeignDestinations, openStripeAccount } from '../support/stripe-account.js';

const CONNECT = `${APP}#ConnectModule`;
const WHERE = ['--app', APP, '--base-url', 'https://app.example'];

describe('The command line for Stripe', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-'));
    given.engine = survivingEngine();
    given.reconcile = undefined;
    given.worker = true;
    runs.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('checks, applies and checks again, and prints no secret', async () => {
    const account = await openStripeAccount();
    await addForeignDestinations(account, 'https://elsewhere.example');
    given.client = account.client;
    const secretFile = join(folder, 'secrets.env');
    const foreign = JSON.stringify([account.api.webhookEndpoints, account.api.eventDestinations]);

    const before = await run('stripe', 'check', ...WHERE);
    const dry = await run('stripe', 'apply', ...WHERE, '--dry-run');
    const applied = await run('stripe', 'apply', ...WHERE, '--secret-file', secretFile);
    const after = await run('stripe', 'check', ...WHERE);
    const json = await run('stripe', 'plan', ...WHERE, '--json');

    expect([before, dry, applied, after].map(({ exitCode }) => exitCode)).toEqual([1, 0, 0, 0]);
    expect(before.out).toContain('Out of step.');
    expect(dry.out).toContain('Nothing was changed');
    expect(applied.out).toContain('created');
    expect(JSON.parse(json.out)).toMatchObject({ isInStep: true });
    const [theirs, ours] = account.api.eventDestinations;
    const secret = `whsec_of_${ours!.id}`;
    expect(await readFile(secretFile, 'utf8')).toBe(`STRIPE_SNAPSHOT_SECRET=${secret}\n`);
    expect(JSON.stringify([before, dry, applied, after, json])).not.toContain('whsec_');
    expect(JSON.stringify([account.api.webhookEndpoints, [theirs]])).toBe(foreign);
  });

  it('changes a live account only with --yes', async () => {
    const { api, liveClient } = await openStripeAccount();
    given.client = liveClient;
    const apply = ['stripe', 'apply', ...WHERE, '--secret-file', join(folder, 'secrets.env')];

    const careful = await run(...apply);
    const madeByThen = api.eventDestinations.length;
    const determined = await run(...apply, '--yes');

    expect(careful.out).toContain('give --yes to go');
    expect([madeByThen, api.eventDestinations.length]).toEqual([0, 1]);
    expect(determined.exitCode).toBe(0);
  });

  it('upgrades in two steps', async () => {
    const { api, client } = await openStripeAccount();
    given.client = client;
    await client.v2.core.eventDestinations.create({
      name: 'ours',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      snapshot_api_version: '2025-09-30.clover',
      enabled_events: ['invoice.paid', 'invoice.newer_than_the_sdk'],
      webhook_endpoint: { url: 'https://app.example/webhooks/stripe' },
      metadata: { nestjs_webhook_inbox: 'stripe' },
    });
    const secretFile = join(folder, 'secrets.env');

    await run('stripe', 'upgrade', ...WHERE, '--secret-file', secretFile);
    const finished = await run('stripe', 'upgrade', ...WHERE, '--finish');

    expect(finished.out).toContain('retired');
    expect(api.eventDestinations.map(({ status }) => status)).toEqual(['disabled', 'enabled']);
  });

  it('reconciles, telling how far it is', async () => {
    const { api, client } = await openStripeAccount();
    given.client = client;
    given.reconcile = { onStart: true }; // not besides the command's own run
    const created = Math.floor(Date.now() / 1000) - 3600;
    const event = stripeEvent('invoice.paid', { created });
    api.addEvent(event);
    const since = new Date((created - 60) * 1000).toISOString();
    const reconcile = ['stripe', 'reconcile', '--app', APP, '--since', since];

    const dry = await run(...reconcile, '--dry-run');
    const first = await run(...reconcile);
    const second = await run(...reconcile, '--json');

    expect(dry.out).toContain(event.id);
    expect(first.out).toContain('complete: 1 compared, 1 missing.');
    expect(first.out).toContain('Deliveries: 1 succeeded.\n');
    expect(first.err).toContain('1 compared, 1 missing\n');
    expect(first.err).toContain('handlers of 1 of 1 have run\n');
    expect(dry.out).not.toContain('Deliveries');
    expect(JSON.parse(second.out)).toMatchObject({ status: 'complete', missed: [] });
    expect(runs).toEqual([event.id]);
  });

  it('waits for no handlers where the application runs them in other processes', async () => {
    const { api, client } = await openStripeAccount();
    given.client = client;
    given.worker = false;
    const created = Math.floor(Date.now() / 1000) - 1800;
    api.addEvent(stripeEvent('invoice.paid', { created }));
    const since = new Date((created - 60) * 1000).toISOString();

    const { exitCode, out } = await run('stripe', 'reconcile', '--app', APP, '--since', since);

    expect(exitCode).toBe(0);
    expect(out).toContain('1 missing.\nTheir handlers run where `worker` is not false.\n');
    expect(runs).toEqual([]);
  });

  it('says of which accounts it could not reconcile the events', async () => {
    const { api, client } = await openStripeAccount();
    given.client = client;
    const since = new Date(Date.now() - 3_600_000).toISOString();
    api.fail({ status: 403, message: 'No access.' }, { path: '/v1/events', after: 1 });

    const { exitCode, out } = await run(
      ...['stripe', 'reconcile', '--accounts', 'acct_1', '--since', since, '--app', CONNECT],
    );

    expect(exitCode).toBe(1);
    expect(out).toContain('! acct_1 (snapshot): No access.\nincomplete: 0 compared, 0 missing.\n');
  });

  it.each([[[]], [['--json']]])('writes no key that an error repeats, with %j', async (more) => {
    const { api } = await openStripeAccount();
    const key = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc';
    given.client = new Stripe(key, api.clientOptions);
    const message = `Invalid API Key provided: ${key}. See ed_test_61U.`;
    api.fail({ status: 401, message });

    const { exitCode, out, err } = await run('stripe', 'plan', ...WHERE, ...more);

    expect(exitCode).toBe(3);
    expect(err).toBe('Invalid API Key provided: sk_test_…. See ed_test_61U.\n');
    expect(out).toBe('');
  });

  it('says what is left where there is nothing for it to change', async () => {
    const account = await openStripeAccount();
    await addForeignDestinations(account, 'https://app.example/webhooks/stripe');
    given.client = account.client;
    const secretFile = join(folder, 'secrets.env');
    await run('stripe', 'apply', ...WHERE, '--secret-file', secretFile);
    await account.client.v2.core.eventDestinations.disable('ed_test_2');

    const upgraded = await run('stripe', 'upgrade', ...WHERE, '--finish');

    expect(upgraded.out).toContain('! ed_test_2 is disabled\n');
    expect(upgraded.out).toContain('Nothing to change.\n');
  });

  it('compares the permissions of an App with its manifest', async () => {
    const manifest = join(folder, 'stripe-app.json');
    await writeFile(manifest, JSON.stringify({ permissions: [{ permission: 'event_read' }] }));
    given.client = undefined;

    const lacking = await run('stripe', 'permissions', '--app', APP, '--manifest', manifest);
    const unreadable = await run('stripe', 'permissions', '--app', APP, '--manifest', folder);

    expect(lacking).toMatchObject({ exitCode: 1, out: expect.stringContaining('"invoice_read"') });
    expect(unreadable.exitCode).toBe(2);
  });

  it('says with its exit code that a ping cannot arrive', async () => {
    const { client } = await openStripeAccount();
    given.client = client;

    const { exitCode, out } = await run('stripe', 'ping', ...WHERE, '--within', '1');

    expect(exitCode).toBe(1);
    expect(out).toContain('no_destination');
  });
});
