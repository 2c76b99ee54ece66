/** What is used of a pool of `pg`. */
export interface PgPool {
  readonly options?: { readonly max?: number };
  /** With a callback: a promise is heard a moment too late, when the connection may be lost already. */
  connect(onConnect: (error: Error | undefined, client: PgPoolClient | undefined) => void): void;
  end(): Promise<void>;
}

/** What is used of a client of `pg`. */
export interface PgPoolClient {
  query(query: {
    readonly text: string;
    /** The connection keeps the statement under it. */
    readonly name?: string;
    readonly values?: unknown[];
    readonly query_timeout?: number;
    readonly types?: { getTypeParser(type: number, format?: string): (text: string) => unknown };
  }): Promise<{ rows: Record<string, unknown>[]; command?: string }>;
  readonly connection?: { readonly stream?: { destroy(): unknown } };
  /** What the application has told it about a type. */
  getTypeParser?(type: number, format?: string): (text: string) => unknown;
  on(event: 'notification', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'notification' | 'error', listener: (error: Error) => void): unknown;
  /** An error, or true, closes the connection instead of giving it back. */
  release(destroy?: Error | boolean): void;
}
