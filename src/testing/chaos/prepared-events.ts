import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import { idOf } from '../message-ids.js';
import type { TestedApplication } from '../tested-application.js';

/** An event for one of several endpoints. */
export interface AddressedEvent {
  /** The endpoint's name. */
  readonly endpoint: string;
  readonly event: object;
}

/** An event with all that is needed to send it in a run. */
export interface PreparedEvent {
  readonly endpoint: string;
  readonly id: string;
  readonly body: string;
  /** Such as `invoice.paid evt_1`. */
  readonly title: string;
}

/** @throws WebhookConfigurationError for two events of one id, and for what has no endpoint. */
export function prepareEvents(
  events: readonly (object | AddressedEvent)[],
  tested: TestedApplication,
): PreparedEvent[] {
  if (events.length === 0) throw new WebhookConfigurationError('chaos needs at least one event.');
  const prepared = events.map((event) => prepareEvent(event, tested));
  const twice = prepared.find(
    ({ id }, place) => prepared.findIndex((each) => each.id === id) < place,
  );
  if (!twice) return prepared;
  throw new WebhookConfigurationError(
    `chaos got two events with the id ${twice.id}. Give it once, and say .repeated().`,
  );
}

function prepareEvent(given: object, tested: TestedApplication): PreparedEvent {
  const { endpoint, event } = isAddressed(given)
    ? given
    : { endpoint: onlyEndpoint(tested), event: given };
  const body = JSON.stringify(event);
  const { id, type } = tested.endpoints
    .get(endpoint)
    .parse({ rawBody: Buffer.from(body), headers: {} }, { id: idIn(event) ?? idOf(event) });
  return { endpoint, id, body, title: `${type} ${id}` };
}

function idIn(event: object): string | undefined {
  const { id } = event as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

function isAddressed(given: object): given is AddressedEvent {
  return Object.keys(given).sort().join() === 'endpoint,event';
}

function onlyEndpoint({ endpoints }: TestedApplication): string {
  const names = endpoints.all().map(({ name }) => name);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new WebhookConfigurationError(
    `chaos does not know by which endpoint an event comes. Give { endpoint, event }; configured are: ` +
      `${names.join(', ') || 'none'}.`,
  );
}
