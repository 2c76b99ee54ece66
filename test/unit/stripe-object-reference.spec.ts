import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StripeObjectKind } from '../../src/stripe/stripe-object-map.js';
import { objectOf, pathOf } from '../../src/stripe/stripe-object-reference.js';

/** What the installed SDK's `retrieve` methods ask for, with `:id` for what is filled in. */
function retrievablePaths(): ReadonlySet<string> {
  const main = createRequire(import.meta.url).resolve('stripe');
  const resources = join(dirname(main), 'resources');
  const files = readdirSync(resources, { recursive: true }).map(String);
  const paths = files
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [
      ...readFileSync(join(resources, file), 'utf8').matchAll(
        /_?makeRequest\('GET', [`']([^`']+)[`']/g,
      ),
    ])
    .map(([, path]) => path!.replace(/\$\{encodeURIComponent\(\w+\)\}/g, ':id'));
  return new Set(paths);
}

/** Every kind that snapshot events are about and that the compiler lets handlers ask for. */
const KINDS: Partial<Record<StripeObjectKind, true>> = {
  account: true,
  application_fee: true,
  'apps.install': true,
  bank_account: true,
  'billing.credit_balance_transaction': true,
  'billing.credit_grant': true,
  'billing.meter': true,
  'billing_portal.configuration': true,
  capability: true,
  card: true,
  charge: true,
  'checkout.session': true,
  'climate.order': true,
  'climate.product': true,
  coupon: true,
  credit_note: true,
  customer: true,
  customer_cash_balance_transaction: true,
  dispute: true,
  fee_refund: true,
  file: true,
  'financial_connections.account': true,
  'identity.verification_session': true,
  invoice: true,
  invoice_payment: true,
  invoiceitem: true,
  'issuing.authorization': true,
  'issuing.card': true,
  'issuing.cardholder': true,
  'issuing.dispute': true,
  'issuing.personalization_design': true,
  'issuing.token': true,
  'issuing.transaction': true,
  mandate: true,
  payment_intent: true,
  payment_link: true,
  payment_method: true,
  payout: true,
  person: true,
  plan: true,
  price: true,
  product: true,
  promotion_code: true,
  quote: true,
  'radar.early_fraud_warning': true,
  refund: true,
  'reporting.report_run': true,
  'reporting.report_type': true,
  review: true,
  scheduled_query_run: true,
  setup_intent: true,
  source: true,
  subscription: true,
  subscription_schedule: true,
  tax_id: true,
  tax_rate: true,
  'terminal.reader': true,
  'test_helpers.test_clock': true,
  'three_d_secure.authentication': true,
  topup: true,
  transfer: true,
  'treasury.credit_reversal': true,
  'treasury.debit_reversal': true,
  'treasury.financial_account': true,
  'treasury.inbound_transfer': true,
  'treasury.outbound_payment': true,
  'treasury.outbound_transfer': true,
  'treasury.received_credit': true,
  'treasury.received_debit': true,
};

describe('The object that an event is about', () => {
  it.each(Object.keys(KINDS))('is fetched where the SDK fetches a %s', (kind) => {
    const object = { account: 'acct_1', customer: 'cus_1', fee: 'fee_1' };

    const path = pathOf({ kind, id: 'id_1' }, object);

    const pattern = path.replace(/\/(?:acct_1|cus_1|fee_1|id_1)(?=\/|$)/g, '/:id');
    expect(retrievablePaths()).toContain(pattern);
  });

  it('belongs to a customer where it is a card of one', () => {
    const path = pathOf({ kind: 'card', id: 'card_1' }, { customer: 'cus_1', account: null });

    expect(path).toBe('/v1/customers/cus_1/sources/card_1');
  });

  it('cannot be fetched without what it belongs to', () => {
    expect(() => pathOf({ kind: 'person', id: 'person_1' }, {})).toThrow(
      'The person person_1 cannot be fetched',
    );
  });

  it('keeps an id within its place in the path', () => {
    expect(pathOf({ kind: 'coupon', id: '../v1/refunds' }, {})).toBe(
      '/v1/coupons/..%2Fv1%2Frefunds',
    );
  });

  it.each<[string, unknown, unknown]>([
    ['a snapshot event', { data: { object: { object: 'customer', id: 'cus_1' } } }, 'cus_1'],
    [
      'a notification',
      { object: 'v2.core.event', related_object: { type: 'customer', id: 'cus_1' } },
      'cus_1',
    ],
    [
      'an upcoming invoice, which has no id',
      { data: { object: { object: 'invoice' } } },
      undefined,
    ],
    ['a singleton', { object: 'v2.core.event', related_object: { type: 'balance' } }, undefined],
    ['a notification about nothing', { object: 'v2.core.event', related_object: null }, undefined],
    ['no event', {}, undefined],
  ])('is found in %s', (_what, payload, id) => {
    expect(objectOf(payload)?.id).toBe(id);
  });
});
