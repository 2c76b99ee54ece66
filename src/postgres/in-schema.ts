/** A statement with the name of the engine's schema in it. */
export function inSchema(statement: string, schema: string): string {
  return statement.replaceAll('{schema}', `"${schema}"`);
}
