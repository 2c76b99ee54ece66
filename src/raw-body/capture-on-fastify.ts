import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { captureBody } from './capture-body.js';
import { setCapturedBody } from './captured-body.js';
import { type CapturableAdapter, type RouteCapture, watchRoutes } from './captured-route.js';

/** The part of Fastify's API that capturing stands on. */
interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): unknown;
}
interface FastifyRoute {
  method: string | string[];
  preParsing?: unknown;
  preValidation?: unknown;
}
interface FastifyRequest {
  readonly raw: IncomingMessage;
  headers: IncomingHttpHeaders;
  /** Where Fastify keeps headers that a hook has set; it is undefined until one does. */
  additionalHeaders?: IncomingHttpHeaders;
  rawBody?: Buffer;
}

const OWN_HEADERS = Symbol('nestjs-webhook-inbox:own-headers');
const NO_BODY_HEADERS = {
  'content-type': undefined,
  'content-length': undefined,
  'transfer-encoding': undefined,
};

/**
 * Gives our routes two hooks: `preParsing` reads the body and hides the headers that announce one, so
 * that Fastify does not look for a parser and applies no limit of its own; `preValidation` brings them
 * back. Other routes get nothing.
 */
export function captureOnFastify(adapter: CapturableAdapter, capture: RouteCapture): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  let registering: string | undefined;

  watchRoutes(adapter, (endpoint, path, addRoute) => {
    capture.onRoute(endpoint, path);
    registering = endpoint;
    try {
      return addRoute();
    } finally {
      registering = undefined;
    }
  });

  // Fastify runs this within the call that adds the route.
  fastify.addHook('onRoute', (route) => {
    if (registering === undefined || route.method !== 'POST') return;
    const maxBodyBytes = capture.maxBodyBytes(registering);
    route.preParsing = [
      ...asList(route.preParsing),
      async (
        request: FastifyRequest & { [OWN_HEADERS]?: IncomingHttpHeaders | undefined },
        _reply: unknown,
        payload: unknown,
      ) => {
        await captureInto(request, maxBodyBytes);
        request[OWN_HEADERS] = request.additionalHeaders;
        request.headers = { ...request.additionalHeaders, ...NO_BODY_HEADERS };
        return payload;
      },
    ];
    route.preValidation = [
      async (request: FastifyRequest & { [OWN_HEADERS]?: IncomingHttpHeaders }) => {
        request.headers = request[OWN_HEADERS]!;
      },
      ...asList(route.preValidation),
    ];
  });
}

/** Keeps the error too: the guard throws it, so that it takes the way of every other refusal. */
async function captureInto(request: FastifyRequest, maxBodyBytes: number): Promise<void> {
  try {
    const bytes = await captureBody(request.raw, maxBodyBytes);
    setCapturedBody(request.raw, { bytes });
    request.rawBody = bytes;
  } catch (error) {
    setCapturedBody(request.raw, { error: error as Error });
  }
}

function asList(hooks: unknown): unknown[] {
  return hooks === undefined ? [] : [hooks].flat();
}
