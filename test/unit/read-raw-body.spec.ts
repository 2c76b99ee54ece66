import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { BodyConsumedError } from '../../src/errors/body-consumed.error.js';
import { BodyTooLargeError } from '../../src/errors/body-too-large.error.js';
import { setCapturedBody } from '../../src/raw-body/request-notes.js';
import type { AdapterRequest } from '../../src/raw-body/raw-request.interface.js';
import { readRawBody } from '../../src/raw-body/read-raw-body.js';
import { capturingServer } from '../support/capturing-server.js';
import { send } from '../support/send.js';

const LIMIT = 100;
const BODY = Buffer.from('{"id": "evt_1"}');
const OTHER = Buffer.from('something else');

type Prepare = (
  request: IncomingMessage & { rawBody?: unknown; body?: unknown },
) => AdapterRequest | void | Promise<AdapterRequest | void>;

/** Reads the body of a real request after `prepare` did something with it, or put another in its place. */
async function read(prepare: Prepare, body = BODY): Promise<PromiseSettledResult<Buffer>> {
  const server = await capturingServer(async (request) =>
    readRawBody((await prepare(request)) ?? (request as AdapterRequest), LIMIT),
  );
  await send(server.url, { body });
  return server.nextResult();
}

async function consume(request: IncomingMessage): Promise<void> {
  request.resume();
  await once(request, 'end');
}

function refusal(ErrorClass: Function, message: string): unknown {
  return {
    status: 'rejected',
    reason: expect.objectContaining({
      name: ErrorClass.name,
      message: expect.stringContaining(message),
    }),
  };
}

describe('Reading the raw body', () => {
  it('takes the bytes that were captured before any parser, whatever came after', async () => {
    const result = await read(async (request) => {
      await consume(request);
      setCapturedBody(request, { bytes: BODY }, 0);
      Object.assign(request, { rawBody: OTHER, body: OTHER });
    });

    expect(result).toEqual({ status: 'fulfilled', value: BODY });
  });

  it('finds what was captured behind a request of Fastify', async () => {
    const result = await read((request) => {
      setCapturedBody(request, { bytes: BODY }, 0);
      return { raw: request, headers: request.headers };
    });

    expect(result).toEqual({ status: 'fulfilled', value: BODY });
  });

  it('refuses for the reason for which the capture did', async () => {
    const error = new BodyTooLargeError(LIMIT);

    const result = await read((request) => setCapturedBody(request, { error }, 0));

    expect(result).toEqual({ status: 'rejected', reason: error });
  });

  it.each(['rawBody', 'body'])('takes the bytes that something kept in %s', async (property) => {
    const result = await read(async (request) => {
      await consume(request);
      Object.assign(request, { [property]: BODY });
    });

    expect(result).toEqual({ status: 'fulfilled', value: BODY });
  });

  it('takes rawBody before body', async () => {
    const result = await read((request) => {
      Object.assign(request, { rawBody: BODY, body: OTHER });
    });

    expect(result).toEqual({ status: 'fulfilled', value: BODY });
  });

  it('holds what others kept to the limit too', async () => {
    const [fits, tooLarge] = [Buffer.alloc(LIMIT), Buffer.alloc(LIMIT + 1)];

    const results = [
      await read((request) => void Object.assign(request, { rawBody: fits })),
      await read((request) => void Object.assign(request, { rawBody: tooLarge })),
    ];

    expect(results).toEqual([
      { status: 'fulfilled', value: fits },
      refusal(BodyTooLargeError, '100 bytes'),
    ]);
  });

  it('holds to the limit what was captured by the larger one of another endpoint', async () => {
    const [fits, tooLarge] = [Buffer.alloc(LIMIT), Buffer.alloc(LIMIT + 1)];

    const results = [
      await read((request) => setCapturedBody(request, { bytes: fits }, 0)),
      await read((request) => setCapturedBody(request, { bytes: tooLarge }, 0)),
    ];

    expect(results).toEqual([
      { status: 'fulfilled', value: fits },
      { status: 'rejected', reason: expect.objectContaining({ statusCode: 413 }) },
    ]);
  });

  it('reads the stream itself where nobody has, within the limit', async () => {
    expect(await read(() => undefined)).toEqual({ status: 'fulfilled', value: BODY });
    expect(await read(() => undefined, Buffer.alloc(LIMIT + 1))).toEqual(
      refusal(BodyTooLargeError, '100 bytes'),
    );
  });

  it.each([
    [
      'an object',
      { id: 'evt_1' },
      'A body parser (such as express.json() or express.urlencoded())',
    ],
    ['a string', '{"id":"evt_1"}', 'A text parser has turned the body into the string'],
    ['nothing', undefined, 'Something read the request stream and left no req.body'],
    ['null', null, 'A body parser'],
  ])('says who consumed the body and left %s', async (_what, body, message) => {
    const result = await read(async (request) => {
      await consume(request);
      Object.assign(request, { body });
    });

    expect(result).toEqual(refusal(BodyConsumedError, message));
    expect(result).toEqual(refusal(BodyConsumedError, 'express.json({ verify:'));
  });

  it('never takes a parsed body for the bytes', async () => {
    const parsed = { id: 'evt_1', toString: () => '{"id":"evt_1"}', length: 3 };

    const result = await read(async (request) => {
      await consume(request);
      Object.assign(request, { rawBody: '{"id":"evt_1"}', body: parsed });
    });

    expect(result).toEqual(refusal(BodyConsumedError, 'A body parser'));
  });
});
