import { describe, expect, it } from '@jest/globals';
import { stripeObjectKind } from '../../src/testing/stripe-object-kind.js';

describe('The object of a Stripe event', () => {
  it.each([
    ['invoice.paid', 'invoice'],
    ['account.updated', 'account'],
    ['customer.created', 'customer'],
    ['charge.refunded', 'charge'],
    ['payment_intent.succeeded', 'payment_intent'],
    ['checkout.session.completed', 'checkout.session'],
    ['billing_portal.session.created', 'billing_portal.session'],
    ['radar.early_fraud_warning.created', 'radar.early_fraud_warning'],
    ['entitlements.active_entitlement_summary.updated', 'entitlements.active_entitlement_summary'],
    ['test_helpers.test_clock.ready', 'test_helpers.test_clock'],
    ['tax.settings.updated', 'tax.settings'],
    ['source.chargeable', 'source'],
  ])('is called as the event is: %s', (type, kind) => {
    expect(stripeObjectKind(type)).toBe(kind);
  });

  it.each([
    ['customer.subscription.deleted', 'subscription'],
    ['customer.discount.created', 'discount'],
    ['customer.tax_id.updated', 'tax_id'],
    ['customer.source.expiring', 'card'],
    ['charge.dispute.closed', 'dispute'],
    ['charge.refund.updated', 'refund'],
    ['account.application.deauthorized', 'application'],
    ['account.external_account.created', 'bank_account'],
    ['application_fee.refund.updated', 'fee_refund'],
    ['billing.alert.triggered', 'billing.alert_triggered'],
    ['issuing_authorization.request', 'issuing.authorization'],
    ['issuing_card.updated', 'issuing.card'],
    ['issuing_transaction.purchase_details_receipt_updated', 'issuing.transaction'],
    ['sigma.scheduled_query_run.created', 'scheduled_query_run'],
    ['source.mandate_notification', 'source_mandate_notification'],
    ['source.transaction.created', 'source_transaction'],
  ])('is called otherwise: %s', (type, kind) => {
    expect(stripeObjectKind(type)).toBe(kind);
  });
});
