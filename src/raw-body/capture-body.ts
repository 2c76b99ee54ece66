import type { IncomingMessage } from 'node:http';
import { gunzip, inflate } from 'node:zlib';
import { BodyTooLargeError } from '../errors/body-too-large.error.js';
import { BodyUnreadableError } from '../errors/body-unreadable.error.js';
import { UnsupportedEncodingError } from '../errors/unsupported-encoding.error.js';

const INFLATE = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate } as const;

/**
 * Reads the whole body of a request that nobody has read yet, byte for byte, and inflates gzip and
 * deflate. Over the limit it rejects at once and what still arrives is thrown away, so a large upload
 * takes no memory.
 *
 * @throws BodyTooLargeError, UnsupportedEncodingError, BodyUnreadableError
 */
export function captureBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity' && !Object.hasOwn(INFLATE, encoding)) {
    return Promise.reject(new UnsupportedEncodingError());
  }
  if (Number(request.headers['content-length']) > maxBodyBytes) {
    return Promise.reject(new BodyTooLargeError(maxBodyBytes));
  }

  const bytes = readBytes(request, maxBodyBytes);
  if (encoding === 'identity') return bytes;
  return inflateBytes(bytes, encoding as keyof typeof INFLATE, maxBodyBytes);
}

function readBytes(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  // An ended stream never says 'end' again, only 'close', and a destroyed one says nothing.
  if (request.readableEnded) return Promise.resolve(Buffer.alloc(0));
  if (request.destroyed) return Promise.reject(notWhole());

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;

    // It goes on listening after the limit: what still arrives is read and thrown away.
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBodyBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(new BodyTooLargeError(maxBodyBytes));
    });
    request.on('end', () => {
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('error', (cause) => reject(notWhole(cause)));
    request.on('close', () => {
      if (!request.readableEnded) reject(notWhole());
    });
  });
}

function notWhole(cause?: Error): BodyUnreadableError {
  return new BodyUnreadableError('The body did not arrive whole.', { cause });
}

async function inflateBytes(
  read: Promise<Buffer>,
  encoding: keyof typeof INFLATE,
  maxBodyBytes: number,
): Promise<Buffer> {
  const bytes = await read;
  if (bytes.length === 0) return bytes;
  return new Promise((resolve, reject) => {
    INFLATE[encoding](bytes, { maxOutputLength: maxBodyBytes }, (error, inflated) => {
      if (!error) return resolve(inflated);
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        return reject(new BodyTooLargeError(maxBodyBytes));
      }
      reject(new BodyUnreadableError(`The body is not valid ${encoding}.`, { cause: error }));
    });
  });
}
