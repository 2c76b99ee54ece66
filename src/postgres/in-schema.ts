import type { SqlRow, SqlSession } from './sql-database.interface.js';

/** A statement with the name of the engine's schema in it. */
export function inSchema(statement: string, schema: string): string {
  return statement.replaceAll('{schema}', `"${schema}"`);
}

/** The rows that such a statement gives. */
export async function queryInSchema(
  session: SqlSession,
  schema: string,
  statement: string,
  values: readonly unknown[],
): Promise<readonly SqlRow[]> {
  return (await session.query(inSchema(statement, schema), values)).rows;
}
