/** The object kinds that are not called as their events are: from the event types of stripe 23.1.0. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['account.application', 'application'],
  ['account.external_account', 'bank_account'],
  ['application_fee.refund', 'fee_refund'],
  ['billing.alert', 'billing.alert_triggered'],
  ['charge.dispute', 'dispute'],
  ['charge.refund', 'refund'],
  ['customer.discount', 'discount'],
  ['customer.source', 'card'],
  ['customer.subscription', 'subscription'],
  ['customer.tax_id', 'tax_id'],
  ['issuing_authorization', 'issuing.authorization'],
  ['issuing_card', 'issuing.card'],
  ['issuing_cardholder', 'issuing.cardholder'],
  ['issuing_dispute', 'issuing.dispute'],
  ['issuing_personalization_design', 'issuing.personalization_design'],
  ['issuing_token', 'issuing.token'],
  ['issuing_transaction', 'issuing.transaction'],
  ['sigma.scheduled_query_run', 'scheduled_query_run'],
  ['source.transaction', 'source_transaction'],
  ['source.mandate_notification', 'source_mandate_notification'],
]);

/** What `data.object.object` is in an event of this type. */
export function stripeObjectKind(type: string): string {
  const group = type.slice(0, type.lastIndexOf('.'));
  return KINDS.get(type) ?? KINDS.get(group) ?? group;
}
