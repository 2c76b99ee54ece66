import { describe, expect, it } from '@jest/globals';
import {
  expandPattern,
  formatOfType,
  kindsOf,
  typesAbout,
} from '../../src/stripe/event-types/known-event-types.js';

describe('the known types of Stripe’s events', () => {
  it('are all that the SDK has types for', () => {
    expect(expandPattern('*', 'snapshot')).toHaveLength(275);
    expect(expandPattern('*', 'notification')).toHaveLength(325); // without the ping
  });

  it('are found by a prefix, and only with the dot', () => {
    expect(expandPattern('invoice_payment.*', 'snapshot')).toEqual(['invoice_payment.paid']);
    expect(expandPattern('invoi.*', 'snapshot')).toEqual([]);
  });

  it('have no part in an exact type, which stands for itself', () => {
    expect(expandPattern('constructor', 'snapshot')).toEqual(['constructor']);
    expect(kindsOf('constructor')).toEqual([]);
  });

  it('are found by what they are about', () => {
    expect(typesAbout('refund', 'snapshot')).toContain('charge.refund.updated');
    expect(typesAbout('v2.core.account', 'notification')).toContain(
      'v2.core.account[identity].updated',
    );
    expect(kindsOf('account.external_account.created')).toEqual(['bank_account', 'card']);
    expect(kindsOf('v1.customer.subscription.past_due')).toEqual(['subscription']);
  });

  it.each([
    ['invoice.paid', 'snapshot'],
    ['v1.invoice.paid', 'notification'],
    ['v2.core.account.created', 'notification'],
  ])('tell the format of %s', (type, format) => {
    expect(formatOfType(type)).toBe(format);
  });
});
