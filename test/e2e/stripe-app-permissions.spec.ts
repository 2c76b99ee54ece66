import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  grantCommand,
  OnStripeEvent,
  permissionsIn,
  StripeAppPermissions,
} from '../../src/stripe/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Handlers {
  @OnStripeEvent(['invoice.paid', 'invoice.voided', 'credit_note.created'])
  onInvoice(): void {}

  @OnStripeEvent('charge.failed', { livemode: true })
  onCharge(): void {}

  @OnStripeEvent(['account.application.deauthorized', 'apps.install.created'])
  onInstall(): void {}
}

describe.each(ADAPTERS)('The permissions of a Stripe App on %s', (adapter) => {
  async function start(): Promise<StripeAppPermissions> {
    const { app } = await startWebhookApp({ adapter, providers: [Handlers] });
    return app.get(StripeAppPermissions);
  }

  it('are event_read and those of the handlers’ events', async () => {
    const { permissions, unknownTypes } = (await start()).needed();

    expect(permissions.map(grantCommand)).toEqual([
      'stripe apps grant permission "event_read" "Receive events"',
      'stripe apps grant permission "charge_read" "Receive charge.failed events"',
      'stripe apps grant permission "credit_note_read" "Receive credit_note.created events"',
      'stripe apps grant permission "invoice_read" "Receive invoice.paid, invoice.voided events"',
    ]);
    expect(unknownTypes).toEqual(['apps.install.created']);
  });

  it('are compared with a manifest, of which any permission that will do is enough', async () => {
    const permissions = await start();
    const manifest = {
      permissions: [{ permission: 'event_read' }, { permission: 'quote_read' }],
      extensions: [{ permissions: null }, { permissions: [{ permission: 'webhook_read' }] }],
    };

    const missing = permissions.missing(permissionsIn(manifest));

    expect(permissionsIn(manifest)).toEqual(['event_read', 'quote_read', 'webhook_read']);
    expect(missing.map(({ permission }) => permission)).toEqual(['charge_read']);
  });

  it('are compared with what an install has granted, by a table of one’s own', async () => {
    const permissions = await start();
    const table = { 'apps.install.*': ['install_read'], 'credit_note.*': [], 'invoice.*': [] };

    const missing = permissions.missing(['event_read', 'charge_read'], { table });

    expect(missing).toMatchObject([{ permission: 'install_read', basis: 'given' }]);
  });

  it('are none of an endpoint that is not there', async () => {
    const permissions = await start();

    expect(() => permissions.needed({ endpoint: 'another' })).toThrow(
      'There is no Stripe endpoint "another". Configured are: "stripe".',
    );
  });
});
