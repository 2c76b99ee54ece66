import type { PgPoolClient } from './pg-pool.interface.js';

type ParseColumn = (text: string) => unknown;

const asNumber: ParseColumn = Number;
const asText: ParseColumn = (text) => text;

/** By PostgreSQL's number of the type: what our statements give, and those of pg-boss. */
const OURS: ReadonlyMap<number, ParseColumn> = new Map([
  [16, (text: string) => text === 't'],
  [17, toBytes],
  [20, asText],
  [21, asNumber],
  [23, asNumber],
  [25, asText],
  [2950, asText],
]);

/** How a client reads columns for us, whatever the application has told `pg` with `setTypeParser`. */
export function columnTypes(client: PgPoolClient): {
  getTypeParser(type: number, format?: string): ParseColumn;
} {
  return {
    getTypeParser: (type, format) =>
      OURS.get(type) ?? client.getTypeParser?.(type, format) ?? asText,
  };
}

/** A role may have `bytea_output = escape`. */
function toBytes(text: string): Buffer {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  const unescape = (_: string, code: string): string =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8));
  return Buffer.from(text.replace(/\\(\\|[0-7]{3})/g, unescape), 'latin1');
}
