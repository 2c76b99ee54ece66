import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { captureBody } from './capture-body.js';
import { type CapturableAdapter, type RouteCapture, watchRoutes } from './captured-route.js';
import { setCapturedBody } from './request-notes.js';

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
}
type Done = (error: Error | null, payload?: unknown) => void;

const BODY_HEADERS = ['content-type', 'content-length', 'transfer-encoding'] as const;
const HIDDEN_HEADERS = Symbol('nestjs-webhook-inbox:hidden-headers');
type BodyHeaders = Pick<IncomingHttpHeaders, (typeof BODY_HEADERS)[number]>;
interface HidingMessage extends IncomingMessage {
  [HIDDEN_HEADERS]?: BodyHeaders;
}

/**
 * Gives our routes two hooks: `preParsing` reads the body and hides the headers that announce one, so
 * that Fastify does not look for a parser and applies no limit of its own; `preValidation` brings them
 * back. Other routes get nothing.
 */
export function captureOnFastify(adapter: CapturableAdapter, capture: RouteCapture): void {
  const fastify = adapter.getInstance() as FastifyInstance;
  let registering: string | undefined;

  watchRoutes(adapter, (route, addRoute) => {
    capture.onRoute(route);
    registering = route.endpoint;
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
      ({ raw }: FastifyRequest, _reply: unknown, payload: unknown, done: Done) => {
        const goOn = (): void => {
          hideBodyHeaders(raw);
          done(null, payload);
        };
        const beganAtMs = capture.clock.now();
        captureBody(raw, maxBodyBytes).then(
          (bytes) => {
            setCapturedBody(raw, { bytes }, beganAtMs);
            goOn();
          },
          // Kept for the guard to throw, so that it takes the way of every other refusal.
          (error: Error) => {
            setCapturedBody(raw, { error }, beganAtMs);
            goOn();
          },
        );
      },
    ];
    route.preValidation = [
      ({ raw }: FastifyRequest, _reply: unknown, done: Done) => {
        showBodyHeaders(raw);
        done(null);
      },
      ...asList(route.preValidation),
    ];
  });
}

function hideBodyHeaders(message: HidingMessage): void {
  const { headers } = message;
  const hidden: BodyHeaders = {};
  for (const name of BODY_HEADERS) {
    if (headers[name] === undefined) continue;
    hidden[name] = headers[name];
    headers[name] = undefined;
  }
  message[HIDDEN_HEADERS] = hidden;
}

function showBodyHeaders(message: HidingMessage): void {
  Object.assign(message.headers, message[HIDDEN_HEADERS]);
}

function asList(hooks: unknown): unknown[] {
  return hooks === undefined ? [] : [hooks].flat();
}
