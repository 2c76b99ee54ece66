/** SQLSTATE classes of what is wrong with a row itself: bad data, a broken constraint, a size over a limit. */
const ROW_CLASSES = new Set(['22', '23', '54']);
/** A deadlock, or a conflict with another transaction: the same again may succeed. */
const CONFLICTS = new Set(['40P01', '40001']);
/** A prepared statement that is not there, or is there already. */
const STATEMENT_NAMES = new Set(['26000', '42P05']);

/** An error as PostgreSQL's own that says that a transaction is to be done again. */
export function createConflict(message: string): Error {
  return Object.assign(new Error(message), { code: '40001' });
}

export function isAboutRow(error: unknown): boolean {
  return ROW_CLASSES.has(codeOf(error).slice(0, 2));
}

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error));
}

export function isAboutStatementName(error: unknown): boolean {
  return STATEMENT_NAMES.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && code.length === 5 ? code : '';
}
