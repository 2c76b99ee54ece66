import { kindsOf } from '../event-types/known-event-types.js';

/** By types or prefixes (`invoice.*`): the permissions of which an App needs one to be sent such events. */
export type EventPermissionTable = Readonly<Record<string, readonly string[]>>;

export interface EventPermission {
  /** The one that is asked for: of several that Stripe takes, the narrowest. */
  readonly permission: string | undefined;
  /** Any of these will do. */
  readonly alternatives: readonly string[];
  /**
   * How it is known: from Stripe's documentation, from your own table, or derived, from types beside it or
   * from the name of the object. `unknown` where nothing is known.
   */
  readonly basis: 'documented' | 'given' | 'derived' | 'unknown';
}

/** Every App that is sent events needs it. */
export const EVENT_READ = 'event_read';

const ONLY_EVENT_READ: readonly string[] = [];
const INVOICES = ['invoice_read', 'credit_note_read', 'quote_read'];
const SUBSCRIPTIONS = ['subscription_read', 'quote_read'];
const SOURCES_OF_BALANCE = 'balance_transaction_source_read';

/**
 * As Stripe documents it at docs.stripe.com/stripe-apps/reference/permissions, under "Event permissions",
 * the permission of the resource itself first. Stripe has it in no form that a program can read. The first
 * pattern that matches counts.
 */
const DOCUMENTED: EventPermissionTable = {
  'account.application.*': ONLY_EVENT_READ,
  'account.*': ['connected_account_read'],
  'application_fee.*': ['application_fee_read', SOURCES_OF_BALANCE],
  'balance.available': ['balance_read', SOURCES_OF_BALANCE],
  'billing_portal.*': ['customer_portal_read', 'checkout_session_read', 'payment_links_read'],
  'cash_balance.funds_available': ['customer_read'],
  'charge.dispute.*': ['dispute_read'],
  'charge.*': ['charge_read'],
  'checkout.session.*': ['checkout_session_read'],
  'coupon.*': ['coupon_read'],
  'credit_note.*': ['credit_note_read', 'invoice_read', 'quote_read'],
  'customer.subscription.*': SUBSCRIPTIONS,
  'customer.*': ['customer_read'],
  'customer_cash_balance_transaction.created': ['customer_read', SOURCES_OF_BALANCE],
  'entitlements.active_entitlement_summary.*': ['entitlement_read'],
  'file.created': ['file_read'],
  'invoice.*': INVOICES,
  'invoiceitem.*': INVOICES,
  'issuing_personalization_design.*': ['issuing_card_read', 'issuing_card_sensitive_read'],
  'mandate.updated': [
    'mandate_read',
    'checkout_session_read',
    'payment_links_read',
    'setup_intent_read',
  ],
  'payment_intent.*': ['payment_intent_read', 'checkout_session_read'],
  'payment_link.*': ['payment_links_read'],
  'payment_method.*': ['payment_method_read'],
  'payout.*': ['payout_read', 'transfer_read', SOURCES_OF_BALANCE],
  'person.*': ['connected_account_read'],
  'plan.*': ['plan_read'],
  'price.*': ['plan_read'],
  'product.*': [
    'product_read',
    'checkout_session_read',
    'payment_intent_read',
    'payment_links_read',
    'quote_read',
  ],
  'promotion_code.*': ['promotion_code_read', ...INVOICES],
  'quote.*': ['quote_read'],
  'radar.early_fraud_warning.*': ['charge_read'],
  'refund.*': ['charge_read'],
  'reporting.*': ['report_runs_and_report_types_read'],
  'review.*': ['review_read'],
  'setup_intent.*': ['setup_intent_read', 'checkout_session_read'],
  'subscription_schedule.*': SUBSCRIPTIONS,
  'tax.settings.updated': ['tax_settings_read'],
  'tax_rate.*': ['tax_rate_read'],
  'terminal.reader.*': ['terminal_reader_read'],
  'test_helpers.test_clock.*': ['billing_clock_read', 'customer_read'],
  'topup.*': ['top_up_read', 'funding_instruction_read'],
  'transfer.*': ['transfer_read', SOURCES_OF_BALANCE],
};

/** Types that a pattern above means and that are not in the documentation. */
const NOT_DOCUMENTED: ReadonlySet<string> = new Set([
  'invoice.overpaid',
  'invoice.payment_attempt_required',
  'terminal.reader.action_updated',
]);

/** Permissions that are called as objects are, for events that the documentation leaves out. */
const OF_OBJECTS: Readonly<Record<string, string>> = {
  'billing.meter': 'billing_meter_read',
  capability: 'connected_account_read',
  invoice_payment: 'invoice_read',
  'issuing.authorization': 'issuing_authorization_read',
  'issuing.card': 'issuing_card_read',
  'issuing.cardholder': 'issuing_cardholder_read',
  'issuing.dispute': 'issuing_dispute_read',
  'issuing.transaction': 'issuing_transaction_read',
  source: 'source_read',
};

/** The permission of an event's type, besides `event_read`. */
export function permissionOf(type: string, given: EventPermissionTable = {}): EventPermission {
  const own = find(given, type);
  if (own) return permission(own, 'given');
  const snapshotType = type.replace(/^v1\./, '');
  const documented = find(DOCUMENTED, snapshotType);
  if (documented) {
    const isKnown = kindsOf(type).length > 0;
    const isDocumented = isKnown && type === snapshotType && !NOT_DOCUMENTED.has(type);
    return permission(documented, isDocumented ? 'documented' : 'derived');
  }
  const ofObject = kindsOf(type).flatMap((kind) => OF_OBJECTS[kind] ?? []);
  return ofObject.length > 0 ? permission(ofObject, 'derived') : permission([], 'unknown');
}

function permission(
  alternatives: readonly string[],
  basis: EventPermission['basis'],
): EventPermission {
  return { permission: alternatives[0], alternatives, basis };
}

function find(table: EventPermissionTable, type: string): readonly string[] | undefined {
  return Object.entries(table).find(([pattern]) =>
    pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  )?.[1];
}
