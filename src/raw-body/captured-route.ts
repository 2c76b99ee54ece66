/** Metadata key of a controller method whose route's bytes are kept; its value is the endpoint's name. */
export const CAPTURED_ROUTE = Symbol.for('nestjs-webhook-inbox:captured-route');

/** How the adapters learn which routes to capture and how much of a body to take. */
export interface RouteCapture {
  /** Called for each route that is captured, with its final path. */
  readonly onRoute: (endpoint: string, path: string) => void;
  readonly maxBodyBytes: (endpoint: string) => number;
  /** Turns a capture's error into the one that Nest answers with. */
  readonly toHttpError: (endpoint: string, error: Error) => Error;
}

/** The part of Nest's HTTP adapters that both captures stand on. */
export interface CapturableAdapter {
  getType(): string;
  getInstance(): unknown;
  post(...args: unknown[]): unknown;
  use(...args: unknown[]): unknown;
}

/**
 * Calls `onRoute` for each POST route that Nest registers and that carries the marker. Nest copies a
 * controller method's metadata onto the callback it gives to the adapter, together with the final path:
 * global prefix, version and module path are in it.
 */
export function watchRoutes(
  adapter: CapturableAdapter,
  register: (endpoint: string, path: string, addRoute: () => unknown) => unknown,
): void {
  const post = adapter.post.bind(adapter);
  adapter.post = (...args) => {
    const callback = args.at(-1);
    const endpoint: unknown =
      typeof callback === 'function' ? Reflect.getMetadata(CAPTURED_ROUTE, callback) : undefined;
    const [path] = args;
    if (typeof endpoint !== 'string' || typeof path !== 'string') return post(...args);
    return register(endpoint, path, () => post(...args));
  };
}
