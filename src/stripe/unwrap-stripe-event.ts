import { eventBytes } from '../endpoints/event-bytes.js';
import { jsonBytes } from '../endpoints/json-bytes.js';
import { parseJson } from '../endpoints/parse-json.js';
import { MalformedEventError } from '../errors/malformed-event.error.js';

/**
 * The bytes of an event that did not come by HTTP: the event or its JSON, or the envelope of Amazon
 * EventBridge (`detail`) or Azure Event Grid (CloudEvents 1.0, `data`) around it, in the order in which
 * Stripe's SDK looks for them.
 *
 * @throws MalformedEventError
 */
export function unwrapStripeEvent(given: unknown): Buffer {
  const bytes = eventBytes(given);
  const outer = bytes ? parseJson(bytes) : given;
  if (!isObject(outer)) throw notAnEvent();

  const inner = 'detail' in outer ? outer.detail : isCloudEvent(outer) ? outer.data : outer;
  if (!isObject(inner)) throw notAnEvent();
  return inner === outer && bytes ? bytes : jsonBytes(inner);
}

function isCloudEvent(value: object): value is { data: unknown } {
  return 'specversion' in value && 'data' in value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAnEvent(): MalformedEventError {
  return new MalformedEventError(
    'event_malformed',
    'This is neither a Stripe event nor an EventBridge or Event Grid envelope around one.',
  );
}
