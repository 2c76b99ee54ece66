import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Arrival, WebhookEngine } from '../../src/index.js';
import { APP, given, run } from '../support/cli/run.js';
import { survivingEngine } from '../support/reconciled-app.js';

/** An event as another process has stored it. */
function arrival(id: string, handler: string): Arrival {
  const payload = { id, type: 'invoice.paid' };
  return {
    event: {
      source: 'stripe',
      id,
      type: 'invoice.paid',
      endpoint: 'stripe',
      receivedAt: new Date('2026-11-20T08:00:00Z'),
      arrivedBy: 'http',
      secretLabel: 'default',
      headers: {},
      rawBody: Buffer.from(JSON.stringify(payload)),
      payload,
    },
    deliveries: [{ handler }],
  };
}

describe('The command line for events', () => {
  let engine: WebhookEngine;
  beforeEach(async () => {
    engine = survivingEngine();
    given.engine = engine;
    given.client = undefined;
    await engine.accept([arrival('evt_1', 'Billing.onPaid'), arrival('evt_2', 'Billing.onPaid')]);
  });

  it('lists them a page at a time, and runs nothing meanwhile', async () => {
    const first = await run('events', 'list', '--app', APP, '--limit', '1', '--status', 'pending');
    const cursor = /--cursor (\S+)/.exec(first.out)![1]!;
    const second = await run('events', 'list', '--app', APP, '--cursor', cursor);

    expect(first.out).toContain('evt_2');
    expect(second.out).toContain(
      '2026-11-20T08:00:00.000Z  stripe  evt_1  invoice.paid  1 pending',
    );
    expect(second.out).not.toContain('evt_2');
  });

  it('shows one, or says that it is not there', async () => {
    const there = await run('events', 'show', 'evt_1', '--app', APP);
    const missing = await run('events', 'show', 'evt_9', '--app', APP);
    const unnamed = await run('events', 'show', '--app', APP);

    expect(there.out).toMatch(
      /evt_1 .*\nHANDLER +STATUS +ATTEMPTS +WHY\nBilling.onPaid +pending +0\n/,
    );
    expect([there, missing, unnamed].map(({ exitCode }) => exitCode)).toEqual([0, 1, 2]);
  });

  it('replays only with --yes', async () => {
    const filter = ['--type', 'invoice.*', '--since', '2026-11-01'];

    const dry = await run('events', 'replay', ...filter, '--app', APP);
    const wrong = await run('events', 'replay', '--since', 'yesterday', '--app', APP);

    expect(dry).toMatchObject({ exitCode: 0, out: expect.stringContaining('give --yes') });
    expect(wrong.exitCode).toBe(2);
  });

  it('retries a failed delivery, and says where there is none', async () => {
    const { exitCode, out } = await run(
      ...['events', 'retry', 'evt_1', '--handler', 'Billing.onPaid', '--app', APP],
    );

    expect(exitCode).toBe(1);
    expect(out).toContain('no failed delivery');
  });

  it('unblocks a lane, and says where none waits', async () => {
    const words = ['events', 'unblock', 'evt_1', '--handler', 'Billing.onPaid', '--app', APP];
    const waits = await run(...words);
    engine.unblock = async ({ id }, handler) => id === 'evt_1' && handler === 'Billing.onPaid';
    const unblocked = await run(...words);

    expect(waits).toMatchObject({ exitCode: 1, out: 'No lane waits for it.\n' });
    expect(unblocked).toMatchObject({ exitCode: 0, out: 'Its lane goes on.\n' });
  });
});
