import { queryInSchema } from './in-schema.js';
import type { SqlDatabase } from './sql-database.interface.js';

/** $1 the key. */
const RECALL = 'SELECT value FROM {schema}.webhook_note WHERE key = $1';

/** $1 the key, $2 the text. */
const REMEMBER = `
  INSERT INTO {schema}.webhook_note (key, value) VALUES ($1, $2)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value
`;

/** $1 the name, $2 the owner, $3 for how many milliseconds. A row where the owner has it. */
const CLAIM = `
  INSERT INTO {schema}.webhook_claim AS present (name, owner, until)
  VALUES ($1, $2, clock_timestamp() + $3::double precision * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
  WHERE present.owner = excluded.owner OR present.until <= clock_timestamp()
  RETURNING 1
`;

/** $1 the name, $2 the owner. */
const RELEASE = 'DELETE FROM {schema}.webhook_claim WHERE name = $1 AND owner = $2';

/** What is remembered under keys, and who has which name. Times are the database's. */
export class Notes {
  constructor(
    private readonly database: SqlDatabase,
    private readonly schema: string,
  ) {}

  async recall(key: string): Promise<string | undefined> {
    const [row] = await this.#query(RECALL, [key]);
    return row && String(row['value']);
  }

  async remember(key: string, value: string): Promise<void> {
    await this.#query(REMEMBER, [key, value]);
  }

  async claim(name: string, owner: string, leaseMs: number): Promise<boolean> {
    return (await this.#query(CLAIM, [name, owner, leaseMs])).length > 0;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#query(RELEASE, [name, owner]);
  }

  #query(statement: string, parameters: readonly unknown[]) {
    return queryInSchema(this.database, this.schema, statement, parameters);
  }
}
