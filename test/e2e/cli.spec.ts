import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { APP, given, run } from '../support/cli/run.js';
import { survivingEngine } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

describe('The command line', () => {
  beforeEach(() => {
    given.client = undefined;
    given.engine = undefined;
    given.reconcile = undefined;
  });

  it('lists the handlers, for people and for programs', async () => {
    const forPeople = await run('handlers', '--app', APP);
    const forPrograms = await run('handlers', '--app', `${APP}#AppModule`, '--json');

    expect(forPeople).toEqual({
      exitCode: 0,
      err: '',
      out:
        'ENDPOINT  HANDLER         TYPES\n' +
        'stripe    Billing.onPaid  invoice.paid\n' +
        'stripe    Billing.onNew   invoice.newer_than_the_sdk\n',
    });
    expect(JSON.parse(forPrograms.out)).toMatchObject([
      { handler: 'Billing.onPaid', paths: ['webhooks/stripe'], types: ['invoice.paid'] },
      { handler: 'Billing.onNew' },
    ]);
  });

  it.each([
    [['handlers', '--colour']],
    [['dance']],
    [['handlers', '--app', 'dist/not-there.js']],
    [['handlers', '--app', fileURLToPath(import.meta.url)]],
    [['handlers', '--app', `${APP}#NoModule`]],
  ])('answers a wrong command line %j with 2, and says what to do', async (args) => {
    const { exitCode, out, err } = await run(...args);

    expect(exitCode).toBe(2);
    expect(out + err).toMatch(/--app|--colour|COMMAND/);
  });

  it.each([
    ['--dry-run', ['events', 'replay', 'evt_1', '--yes', '--dry-run']],
    ['--yes', ['stripe', 'plan', '--yes']],
  ])('takes no %s where it would be passed over', async (option, args) => {
    const { exitCode, err } = await run(...args, '--app', APP);

    expect(exitCode).toBe(2);
    expect(err).toContain(`takes no ${option}, but: --`);
  });

  it('helps', async () => {
    const { exitCode, out } = await run('stripe', 'apply', '--help');

    expect(exitCode).toBe(0);
    expect(out).toContain('--secret-file');
    expect(out).toContain('Exit codes: 0');
  });

  it('says that there is no such command, and which there are', async () => {
    const { exitCode, out, err } = await run('stripe', 'plot');

    expect(exitCode).toBe(2);
    expect(err).toContain('There is no command "stripe plot".');
    expect(out).toContain('stripe plan');
  });

  it('answers a failure with 3', async () => {
    const { exitCode, err } = await run(
      'stripe',
      'plan',
      '--app',
      APP,
      '--base-url',
      'https://a.example',
    );

    expect(exitCode).toBe(3);
    expect(err).toContain('Give forRoot the option client, or provide STRIPE_CLIENT.');
  });

  it('cannot look into the memory of another process', async () => {
    const { exitCode, err } = await run('events', 'list', '--app', APP);

    expect(exitCode).toBe(2);
    expect(err).toContain('postgresEngine');
  });

  it('says what a Stripe App has to ask for', async () => {
    const { exitCode, out } = await run('stripe', 'permissions', '--app', APP);

    expect(exitCode).toBe(0);
    expect(out).toBe(
      'stripe apps grant permission "event_read" "Receive events"  # documented\n' +
        'stripe apps grant permission "invoice_read" "Receive invoice.newer_than_the_sdk, invoice.paid events"  # derived\n',
    );
  });

  it('runs nothing of the application by itself', async () => {
    const { api, client } = await openStripeAccount();
    given.client = client;
    given.engine = survivingEngine();
    given.reconcile = { onStart: true };

    await run('handlers', '--app', APP);

    expect(api.requests).toEqual([]);
  });
});
