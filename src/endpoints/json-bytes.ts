import { MalformedEventError } from '../errors/malformed-event.error.js';

/**
 * The bytes of an event that was given as an object.
 * @throws MalformedEventError for one that JSON has no words for, such as one that contains itself.
 */
export function jsonBytes(event: object): Buffer {
  try {
    return Buffer.from(JSON.stringify(event));
  } catch (cause) {
    throw new MalformedEventError('event_malformed', 'The event cannot be written as JSON.', {
      cause,
    });
  }
}
