/**
 * What `engineContract` uses of a test runner. `@jest/globals` and `vitest` are such; for `node:test` add
 * `expect` of the package `expect`.
 */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  readonly afterEach: (work: () => Promise<void>) => unknown;
  readonly expect: TestExpect;
}

export interface TestExpect {
  (actual: unknown): TestMatchers;
  objectContaining(expected: Record<string, unknown>): unknown;
  stringContaining(expected: string): unknown;
}

export interface TestMatchers {
  toBe(expected: unknown): void;
  toBeDefined(): void;
  toBeLessThanOrEqual(expected: number): void;
  toBeUndefined(): void;
  toContain(expected: unknown): void;
  toEqual(expected: unknown): void;
  toHaveLength(expected: number): void;
  toMatchObject(expected: object): void;
  readonly not: { toHaveProperty(name: string): void };
  readonly rejects: { toThrow(expected: new (...args: never[]) => Error): Promise<unknown> };
  readonly resolves: { toBeUndefined(): Promise<unknown> };
}
