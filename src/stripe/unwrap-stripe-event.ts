import { MalformedEventError } from '../errors/malformed-event.error.js';

/**
 * The bytes of an event that did not come by HTTP: the event or its JSON, or the envelope of Amazon
 * EventBridge (`detail`) or Azure Event Grid (CloudEvents 1.0, `data`) around it, in the order in which
 * Stripe's SDK looks for them.
 *
 * @throws MalformedEventError
 */
export function unwrapStripeEvent(given: unknown): Buffer {
  const isText = typeof given === 'string' || given instanceof Uint8Array;
  const outer = isText ? parseJson(given) : given;
  if (!isObject(outer)) throw notAnEvent();

  const inner = 'detail' in outer ? outer.detail : isCloudEvent(outer) ? outer.data : outer;
  if (!isObject(inner)) throw notAnEvent();
  if (inner === outer && isText) return Buffer.from(given as string);
  return Buffer.from(JSON.stringify(inner));
}

function isCloudEvent(value: object): value is { data: unknown } {
  return 'specversion' in value && 'data' in value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString());
  } catch (cause) {
    throw new MalformedEventError('body_not_json', 'The event is not JSON.', { cause });
  }
}

function notAnEvent(): MalformedEventError {
  return new MalformedEventError(
    'event_malformed',
    'This is neither a Stripe event nor an EventBridge or Event Grid envelope around one.',
  );
}
