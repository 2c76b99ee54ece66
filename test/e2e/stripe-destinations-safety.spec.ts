import 'reflect-metadata';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent, StripeDestinations } from '../../src/stripe/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

@Injectable()
class Handlers {
  @OnStripeEvent('invoice.paid', { scope: 'account' })
  onPaid(): void {}

  @OnStripeEvent('payout.paid', { scope: 'connect' })
  onPayout(): void {}

  @OnStripeEvent('charge.failed', { scope: 'any', livemode: true })
  onLiveCharge(): void {}
}

const BASE_URL = 'https://app.example';

describe.each(ADAPTERS)('Making destinations in Stripe on %s', (adapter) => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function start(endpoints: WebhookAppOptions['endpoints']): Promise<StripeDestinations> {
    const { app } = await startWebhookApp({
      adapter,
      endpoints: endpoints!,
      providers: [Handlers],
    });
    return app.get(StripeDestinations);
  }

  it('writes the secret to a file that only its owner reads', async () => {
    const { api, client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    const secretFile = join(folder, 'secrets.env');

    const report = await destinations.apply({ baseUrl: BASE_URL, secretFile });

    expect(await readFile(secretFile, 'utf8')).toBe('STRIPE_SNAPSHOT_SECRET=whsec_of_ed_test_1\n');
    expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(report)).not.toContain('whsec_of');
    expect(api.eventDestinations).toHaveLength(1);
  });

  it('makes nothing where the secret could not be kept', async () => {
    const { api, client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    const secretFile = join(folder, 'secrets.env');
    await writeFile(secretFile, 'KEPT=1\n');

    await expect(destinations.apply({ baseUrl: BASE_URL, secretFile })).rejects.toThrow(
      'is there already, and secrets are never written over others',
    );
    await expect(destinations.apply({ baseUrl: BASE_URL })).rejects.toThrow(
      'Say where it goes: give onSecret or secretFile',
    );

    expect(await readFile(secretFile, 'utf8')).toBe('KEPT=1\n');
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('can be tried again with the same file where Stripe had failed', async () => {
    const { api, client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    const options = { baseUrl: BASE_URL, secretFile: join(folder, 'secrets.env') };
    api.fail({ status: 500, message: 'Try later.' }, { method: 'POST' });

    await expect(destinations.apply(options)).rejects.toThrow('Try later.');
    const { changes } = await destinations.apply(options);

    expect(changes).toMatchObject([{ change: 'created' }]);
    expect(await readFile(options.secretFile, 'utf8')).toContain('=whsec_of_');
  });

  it('deletes a destination again whose secret was not taken', async () => {
    const { api, client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    const onSecret = (): never => {
      throw new Error('the vault is sealed');
    };

    const applying = destinations.apply({ baseUrl: BASE_URL, onSecret });

    await expect(applying).rejects.toThrow('the vault is sealed');
    expect(api.eventDestinations).toEqual([]);
  });

  it('changes nothing in a live account unless that is said', async () => {
    const { api, liveClient } = await openStripeAccount();
    const destinations = await start([{ client: liveClient }]);
    const options = { baseUrl: BASE_URL, onSecret: () => {} };

    const dry = await destinations.apply(options);
    const madeByDryRun = [...api.eventDestinations];
    const wet = await destinations.apply({ ...options, dryRun: false });

    expect(dry).toMatchObject({ isDryRun: true, changes: [{ change: 'created' }] });
    expect(madeByDryRun).toEqual([]);
    expect(wet).toMatchObject({ isDryRun: false, changes: [{ destination: 'ed_1' }] });
    expect(api.eventDestinations).toMatchObject([{ livemode: true }]);
  });

  it('asks for the accounts and the mode that endpoints and handlers are for', async () => {
    const { client, liveClient } = await openStripeAccount();
    const choose = ({ livemode }: { livemode: boolean }) => (livemode ? liveClient : client);
    const destinations = await start([
      { client: choose, scope: 'account' },
      { client: choose, name: 'connect', scope: 'connect', publicUrl: 'https://c.example/hook' },
      { client: choose, name: 'live', livemode: true, path: 'live' },
    ]);

    const ofTest = await destinations.plan({ baseUrl: BASE_URL, livemode: false });
    const ofLive = await destinations.plan({ baseUrl: BASE_URL, livemode: true });

    const summary = ({ destinations: planned }: typeof ofTest) =>
      planned.map(({ url, types, ofAccount, ofConnect }) => [url, types, ofAccount, ofConnect]);
    expect(summary(ofTest)).toEqual([
      [`${BASE_URL}/webhooks/stripe`, ['invoice.paid'], true, false],
      ['https://c.example/hook', ['payout.paid'], false, true],
    ]);
    expect(summary(ofLive)).toEqual([
      [`${BASE_URL}/webhooks/stripe`, ['charge.failed', 'invoice.paid'], true, false],
      ['https://c.example/hook', ['charge.failed', 'payout.paid'], false, true],
      [`${BASE_URL}/live`, ['charge.failed', 'invoice.paid', 'payout.paid'], true, true],
    ]);
  });

  it('says what it has to be told', async () => {
    const { client } = await openStripeAccount();
    const destinations = await start([{ client: () => client }]);

    await expect(destinations.plan({ livemode: false })).rejects.toThrow(
      'Where does Stripe reach the endpoint "stripe"? Give baseUrl',
    );
    await expect(destinations.plan({ baseUrl: BASE_URL })).rejects.toThrow(
      'say the mode: livemode: true or false',
    );
  });

  it('stops at the number of destinations that Stripe allows', async () => {
    const { api, client } = await openStripeAccount();
    for (let count = 1; count <= 16; count += 1) {
      const url = `https://other.example/${count}`;
      await client.webhookEndpoints.create({ url, enabled_events: ['charge.failed'] });
    }
    const destinations = await start([{ client }]);

    const { destinations: planned } = await destinations.plan({ baseUrl: BASE_URL });
    const applying = destinations.apply({ baseUrl: BASE_URL, onSecret: () => {} });

    expect(planned[0]!.findings.map(({ code }) => code)).toEqual(['missing', 'over_limit']);
    await expect(applying).rejects.toThrow(WebhookConfigurationError);
    expect(api.eventDestinations).toEqual([]);
  });

  it('says that two destinations send the same to one URL', async () => {
    const { client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    await destinations.apply({ baseUrl: BASE_URL, onSecret: () => {} });
    const url = `${BASE_URL}/webhooks/stripe`;
    await client.webhookEndpoints.create({ url, enabled_events: ['invoice.paid'] });

    const { destinations: planned, isInStep } = await destinations.plan({ baseUrl: BASE_URL });

    expect(isInStep).toBe(true);
    expect(planned[0]!.findings).toMatchObject([
      { code: 'two_on_url', message: expect.stringContaining('we_1') },
    ]);
  });

  it('says of two that were made at once that one is too many, and not that an upgrade has begun', async () => {
    const { client } = await openStripeAccount();
    const destinations = await start([{ client }]);
    const apply = () => destinations.apply({ baseUrl: BASE_URL, onSecret: () => {} });
    await Promise.all([apply(), apply()]);

    const { destinations: planned } = await destinations.plan({ baseUrl: BASE_URL });

    expect(planned[0]!.findings).toMatchObject([
      { code: 'two_on_url', message: expect.stringMatching(/ed_test_2 .* ed_test_1/) },
    ]);
  });
});
