import { createHash } from 'node:crypto';
import { isAboutStatementName } from './sql-errors.js';

/**
 * Names under which connections keep statements. The name is made of the text, so that behind a pooler,
 * where connections are shared, it stands for the same statement whoever has prepared it.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  #areLost = false;

  /** Undefined where connections do not keep statements. */
  nameOf(text: string): string | undefined {
    if (this.#areLost) return undefined;
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `webhook_inbox_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
      this.#names.set(text, name);
    }
    return name;
  }

  /**
   * Whether the error says that a pooler gave a connection which does not know the name, or knew it
   * already. From then on there are no names, and what failed succeeds when it is done again.
   */
  loseBy(error: unknown): boolean {
    if (!isAboutStatementName(error)) return false;
    this.#areLost = true;
    return true;
  }
}
