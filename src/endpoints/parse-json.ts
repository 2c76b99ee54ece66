import { MalformedEventError } from '../errors/malformed-event.error.js';

/**
 * Parses a body. A byte order mark, which JSON.parse takes for a syntax error, is passed over.
 * @throws MalformedEventError
 */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0));
  } catch {
    // The parser's own message quotes the body.
    throw new MalformedEventError('body_not_json', 'The body is not JSON.');
  }
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
