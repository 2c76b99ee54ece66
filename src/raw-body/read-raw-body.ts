import { BodyConsumedError } from '../errors/body-consumed.error.js';
import { BodyTooLargeError } from '../errors/body-too-large.error.js';
import { captureBody } from './capture-body.js';
import type { AdapterRequest } from './raw-request.interface.js';
import { nodeRequestOf, notesOf } from './request-notes.js';

/**
 * The bytes of the request's body: those captured before any parser, or else those that something kept
 * for us (`rawBody`, or a body parsed by `express.raw()`), or else those nobody has read yet.
 *
 * @throws BodyConsumedError where the bytes are gone, and what `captureBody` throws.
 */
export function readRawBody(
  request: AdapterRequest,
  maxBodyBytes: number,
): Buffer | Promise<Buffer> {
  const message = nodeRequestOf(request);
  const captured = notesOf(message)?.body;
  if (captured) {
    if ('error' in captured) throw captured.error;
    return withinLimit(captured.bytes, maxBodyBytes);
  }

  const kept = [request.rawBody, request.body].find((body) => Buffer.isBuffer(body));
  if (kept) return withinLimit(kept, maxBodyBytes);

  if (!message.readableDidRead && message.readable) return captureBody(message, maxBodyBytes);
  throw new BodyConsumedError(describeConsumer(request));
}

function withinLimit(bytes: Buffer, maxBodyBytes: number): Buffer {
  if (bytes.length <= maxBodyBytes) return bytes;
  throw new BodyTooLargeError(maxBodyBytes);
}

function describeConsumer({ body }: AdapterRequest): string {
  const found =
    body === undefined
      ? 'Something read the request stream and left no req.body'
      : typeof body === 'string'
        ? 'A text parser has turned the body into the string in req.body'
        : 'A body parser (such as express.json() or express.urlencoded()) has turned the body into the object in req.body';
  return (
    `${found} before the webhook endpoint could keep its bytes, so the signature cannot be checked. ` +
    'This happens when a parser is mounted on the HTTP server before Nest gets it. Mount it on the other ' +
    'paths only, or let it keep the bytes: express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes; } }).'
  );
}
