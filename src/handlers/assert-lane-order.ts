import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookHandler } from './webhook-handler.interface.js';
import type { WebhookSubscription } from './webhook-subscription.interface.js';

/** @throws WebhookConfigurationError where a decorator says of its lane what cannot be. */
export function assertLaneOrder({
  id,
  subscriptions,
}: Pick<WebhookHandler, 'id' | 'subscriptions'>): void {
  for (const subscription of subscriptions) {
    const objection = objectionTo(subscription);
    if (objection === undefined) continue;
    throw new WebhookConfigurationError(`Handler ${id} has ${objection}`);
  }
}

function objectionTo({
  laneOf,
  order,
  onDead,
  coalesceMs,
}: WebhookSubscription): string | undefined {
  if (order !== undefined && order !== 'exclusive' && order !== 'fifo') {
    return "an order that is unknown. Give 'exclusive' or 'fifo'.";
  }
  if (onDead !== undefined && onDead !== 'block' && onDead !== 'pass') {
    return "an onDead that is unknown. Give 'block' or 'pass'.";
  }
  if (order !== undefined && !laneOf) {
    return "an order and no lane. Say which events are in order: { lane: 'object' }, or a function.";
  }
  if (onDead !== undefined && order !== 'fifo') {
    return "onDead without { order: 'fifo' }. Nobody waits for a dead delivery there: leave it out.";
  }
  if (order === 'fifo' && coalesceMs !== undefined) {
    return "coalesceMs and { order: 'fifo' }. One run stands for a burst, whatever its order: leave one out.";
  }
  return undefined;
}
