import type { IncomingMessage, ServerResponse } from 'node:http';
import { captureBody } from './capture-body.js';
import { type CapturableAdapter, type RouteCapture, watchRoutes } from './captured-route.js';
import { ExpressFields } from './express-fields.js';
import { notesOf, setCapturedBody } from './request-notes.js';
import { RoutePaths } from './route-paths.js';

interface ExpressRequest extends IncomingMessage {
  readonly path: string;
}

/**
 * Puts a middleware before every other one, body parsers included. For our routes it reads the body;
 * the parsers that follow find the stream ended and leave it alone. Other requests pass untouched.
 */
export function captureOnExpress(adapter: CapturableAdapter, capture: RouteCapture): void {
  const endpoints = new RoutePaths();
  const fields = new ExpressFields();

  watchRoutes(adapter, (route, addRoute) => {
    if (endpoints.isEmpty) adapter.getHttpServer().prependListener('request', declareFields);
    endpoints.add(route.path, route.endpoint);
    capture.onRoute(route);
    return addRoute();
  });

  function declareFields(request: IncomingMessage, response: ServerResponse): void {
    const isOurs = request.method === 'POST' && endpoints.find(request.url!) !== undefined;
    if (isOurs) fields.declare(request, response);
  }

  adapter.use((request: ExpressRequest, _response: unknown, next: (error?: unknown) => void) => {
    const endpoint = request.method === 'POST' ? endpoints.find(pathOf(request)) : undefined;
    if (endpoint === undefined || request.readableDidRead || notesOf(request)) {
      return next();
    }
    const beganAtMs = capture.clock.now();
    captureBody(request, capture.maxBodyBytes(endpoint)).then(
      (bytes) => {
        setCapturedBody(request, { bytes }, beganAtMs);
        next();
      },
      // Passed on at once: a body parser would read on and answer by its own limit.
      (error: Error) => next(capture.toHttpError(endpoint, error)),
    );
  });
}

/** The path as Express matches it, also of an absolute URL or one with a fragment. */
function pathOf(request: ExpressRequest): string {
  try {
    return request.path;
  } catch {
    // A URL that cannot be parsed has no route.
    return '';
  }
}
