import { describe, expect, it } from '@jest/globals';
import { permissionOf } from '../../src/stripe/apps/event-permissions.js';
import { expandPattern } from '../../src/stripe/event-types/known-event-types.js';

describe('the permission of an event for a Stripe App', () => {
  it.each([
    ['invoice.paid', 'invoice_read', 'documented'],
    ['customer.subscription.updated', 'subscription_read', 'documented'],
    ['charge.dispute.created', 'dispute_read', 'documented'],
    ['price.updated', 'plan_read', 'documented'],
    ['account.application.deauthorized', undefined, 'documented'],
    ['account.updated', 'connected_account_read', 'documented'],
    ['invoice.overpaid', 'invoice_read', 'derived'],
    ['v1.customer.subscription.past_due', 'subscription_read', 'derived'],
    ['issuing_authorization.created', 'issuing_authorization_read', 'derived'],
    ['apps.install.created', undefined, 'unknown'],
    ['v2.core.account.created', undefined, 'unknown'],
  ])('of %s is %s, %s', (type, permission, basis) => {
    expect(permissionOf(type)).toMatchObject({ permission, basis });
  });

  it('is what the application’s own table says, where it does', () => {
    const table = { 'v2.core.account.*': ['account_read', 'other_read'], 'invoice.paid': [] };

    expect(permissionOf('v2.core.account.created', table)).toEqual({
      permission: 'account_read',
      alternatives: ['account_read', 'other_read'],
      basis: 'given',
    });
    expect(permissionOf('invoice.paid', table)).toMatchObject({ alternatives: [], basis: 'given' });
  });

  it('is documented for most types of snapshot events', () => {
    const bases = expandPattern('*', 'snapshot').map((type) => permissionOf(type).basis);

    const count = (basis: string): number => bases.filter((each) => each === basis).length;
    expect([count('documented'), count('derived'), count('unknown')]).toEqual([161, 29, 85]);
  });
});
