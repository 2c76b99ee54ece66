import type { Server } from 'node:http';
import type { Clock } from '../inbox/clock.js';

/** Metadata key of a controller method whose route's bytes are kept; its value is the endpoint's name. */
export const CAPTURED_ROUTE = Symbol.for('nestjs-webhook-inbox:captured-route');

/** Metadata key of the method of a generated controller: its route runs handlers. */
export const GENERATED_ROUTE = Symbol.for('nestjs-webhook-inbox:generated-route');

/** A route that Nest has registered and whose bytes are kept. */
export interface CapturedRoute {
  readonly endpoint: string;
  /** The final path: global prefix, version and module path are in it. */
  readonly path: string;
  readonly isGenerated: boolean;
}

/** How the adapters learn which routes to capture and how much of a body to take. */
export interface RouteCapture {
  /** Called for each route that is captured. */
  readonly onRoute: (route: CapturedRoute) => void;
  readonly maxBodyBytes: (endpoint: string) => number;
  readonly clock: Clock;
  /** Turns a capture's error into the one that Nest answers with. */
  readonly toHttpError: (endpoint: string, error: Error) => Error;
}

/** The part of Nest's HTTP adapters that both captures stand on. */
export interface CapturableAdapter {
  getType(): string;
  getInstance(): unknown;
  getHttpServer(): Server;
  post(...args: unknown[]): unknown;
  use(...args: unknown[]): unknown;
}

/**
 * Calls `register` for each POST route that Nest registers and that carries the marker. Nest copies a
 * controller method's metadata onto the callback it gives to the adapter.
 */
export function watchRoutes(
  adapter: CapturableAdapter,
  register: (route: CapturedRoute, addRoute: () => unknown) => unknown,
): void {
  const post = adapter.post.bind(adapter);
  adapter.post = (...args) => {
    const callback = args.at(-1);
    const [path] = args;
    if (typeof callback !== 'function' || typeof path !== 'string') return post(...args);
    const endpoint: unknown = Reflect.getMetadata(CAPTURED_ROUTE, callback);
    if (typeof endpoint !== 'string') return post(...args);
    const isGenerated = Reflect.hasMetadata(GENERATED_ROUTE, callback);
    return register({ endpoint, path, isGenerated }, () => post(...args));
  };
}
