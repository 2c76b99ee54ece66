import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { EngineCapabilities } from './webhook-engine.interface.js';

/** What the answer to the sender waits for: that the event is stored, or that its deliveries have run. */
export type Ack = 'stored' | 'handled';

/** An engine that survives something can keep what it has answered for. */
export function defaultAck({ survives }: EngineCapabilities): Ack {
  return survives === 'nothing' ? 'handled' : 'stored';
}

/** @throws WebhookConfigurationError where an event answered 200 would be lost with the process. */
export function assertAck(owner: string, ack: unknown, { survives }: EngineCapabilities): void {
  if (ack === undefined || ack === 'handled') return;
  if (ack !== 'stored') {
    throw new WebhookConfigurationError(`${owner} must be 'stored' or 'handled'.`);
  }
  if (survives !== 'nothing') return;
  throw new WebhookConfigurationError(
    `${owner} is 'stored', but the engine keeps nothing when the process exits: an event answered 200 ` +
      "could be lost. Leave it out, or give an engine that survives, such as postgresEngine({ embedded: './data' }).",
  );
}
