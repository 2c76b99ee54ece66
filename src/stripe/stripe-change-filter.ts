import { isDeepStrictEqual } from 'node:util';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { StripeEventFor } from './stripe-event-map.js';

/** What a handler says of the change it waits for. */
export interface ChangeFilter {
  readonly changed?: string | readonly string[] | undefined;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** The object that the events of a pattern are about. */
type ObjectOf<Pattern extends string> =
  StripeEventFor<Pattern> extends infer Event
    ? Event extends { readonly data: { readonly object: infer Data } }
      ? Data
      : never
    : never;

/** The path, where the object has it; else the names of its fields. Optional and expandable ones are entered. */
type PathOf<Data, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Data
    ? `${Head}.${PathOf<Extract<Data[Head], object>, Rest>}`
    : keyof Data & string
  : Path extends keyof Data
    ? Path
    : keyof Data & string;

type ValueAt<Data, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Data
    ? ValueAt<Extract<Data[Head], object>, Rest>
    : never
  : Path extends keyof Data
    ? KnownValue<Data[Path]>
    : never;

/** The literals of a type. The SDK's enums take any other string too, so that a typo would compile. */
type LiteralOf<T> = T extends string ? ({} extends Record<T, 1> ? never : T) : never;

type KnownValue<T> = [LiteralOf<T>] extends [never] ? T : LiteralOf<T> | Exclude<T, string>;

/** The options of a handler of changes, checked against the object of the pattern's events. */
export type StripeChangeOptions<Pattern extends string, Path extends string> =
  | { readonly changed?: undefined; readonly from?: never; readonly to?: never }
  | {
      /**
       * Only events in which this field of the object changed, by their `previous_attributes`: a name, or
       * a path such as `cancellation_details.reason`.
       */
      readonly changed: PathOf<ObjectOf<Pattern>, Path>;
      /** Only where it changed from this value. */
      readonly from?: ValueAt<ObjectOf<Pattern>, Path>;
      /** Only where it changed to this value. */
      readonly to?: ValueAt<ObjectOf<Pattern>, Path>;
    }
  | {
      /** Only events in which at least one of these changed. */
      readonly changed: readonly PathOf<ObjectOf<Pattern>, Path>[];
      readonly from?: never;
      readonly to?: never;
    };

/** @throws WebhookConfigurationError beginning with `whose`. */
export function assertChangeFilter({ changed, from, to }: ChangeFilter, whose: string): void {
  if (Array.isArray(changed) && changed.length === 0) {
    throw new WebhookConfigurationError(`${whose}: the list of \`changed\` is empty.`);
  }
  if (typeof changed !== 'string' && (from !== undefined || to !== undefined)) {
    throw new WebhookConfigurationError(
      `${whose}: \`from\` and \`to\` need one field in \`changed\`, whose values they are.`,
    );
  }
}

/** Why an event is not the change that is waited for, or undefined. No values are in the reason. */
export function changeReason(
  { changed, from, to }: ChangeFilter,
  payload: unknown,
): string | undefined {
  if (changed === undefined) return undefined;
  const { data } = payload as {
    readonly data?: { readonly object?: unknown; readonly previous_attributes?: unknown };
  };
  const paths = [changed].flat();
  const changes = paths.filter((path) => isChanged(path, data?.previous_attributes, data?.object));
  if (changes.length === 0) return `${paths.join(', ')} did not change`;

  const [path] = paths as [string];
  if (from !== undefined && !isDeepStrictEqual(valueAt(path, data?.previous_attributes), from)) {
    return `${path} changed from another value than the handler waits for`;
  }
  if (to !== undefined && !isDeepStrictEqual(valueAt(path, data?.object), to)) {
    return `${path} changed to another value than the handler waits for`;
  }
  return undefined;
}

/** Stripe names what changed; where it names the whole of what is above, the values are compared. */
function isChanged(path: string, previous: unknown, current: unknown): boolean {
  const [head = '', ...rest] = path.split('.');
  if (!isObject(previous) || !Object.hasOwn(previous, head)) return false;
  const before = previous[head];
  const now = isObject(current) ? current[head] : undefined;
  if (rest.length === 0) return true;
  const below = rest.join('.');
  return isObject(before) ? isChanged(below, before, now) : (valueAt(below, now) ?? null) !== null;
}

function valueAt(path: string, value: unknown): unknown {
  const names = path.split('.');
  return names.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value) ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
