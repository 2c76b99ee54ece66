import type { PruneReport, PruneTimes } from '../inbox/webhook-engine.interface.js';
import { inSchema } from './in-schema.js';
import {
  DELETE_EVENTS,
  DROP_BODIES,
  FIND_OLD_BODIES,
  FIND_OLD_EVENTS,
  LOCK_PRUNING,
} from './prune-statements.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';

/** So that no transaction of it is long. */
const BATCH = 500;

/** How far a pass over the old events has come. */
interface Batch {
  readonly count: number;
  /** The last event that was looked at; undefined where there are no others. */
  readonly last: { readonly receivedAt: unknown; readonly id: unknown } | undefined;
}

const FIRST = { receivedAt: '-infinity', id: 0 };

/** Forgets what is old, in small transactions, one process at a time. */
export class Pruner {
  #pruning: Promise<PruneReport> | undefined;
  #isStopped = false;

  constructor(
    private readonly database: SqlDatabase,
    private readonly schema: string,
  ) {}

  /** A second call while one is under way gets the first one's report. */
  prune(before: PruneTimes): Promise<PruneReport> {
    this.#pruning ??= this.#prune(before).finally(() => (this.#pruning = undefined));
    return this.#pruning;
  }

  /** Resolves when the batch that is under way has ended; no other follows. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pruning?.catch(() => undefined);
  }

  /** An event loses its body first, so that each of the two indexes holds only what it finds. */
  async #prune({ bodies, events }: PruneTimes): Promise<PruneReport> {
    const latest = bodies > events ? bodies : events;
    return {
      bodies: await this.#pass(FIND_OLD_BODIES, DROP_BODIES, latest),
      events: await this.#pass(FIND_OLD_EVENTS, DELETE_EVENTS, events),
    };
  }

  async #pass(find: string, forget: string, before: Date): Promise<number> {
    let total = 0;
    let last: Batch['last'] = FIRST;
    while (last && !this.#isStopped) {
      const after = last;
      const batch: Batch = await this.database.transaction((session) =>
        this.#forgetBatch(session, { find, forget, before, after }),
      );
      total += batch.count;
      last = batch.last;
    }
    return total;
  }

  async #forgetBatch(
    session: SqlSession,
    { find, forget, before, after }: BatchOptions,
  ): Promise<Batch> {
    const lock = await session.query(LOCK_PRUNING, [this.schema]);
    // Another process is at it.
    if (lock.rows[0]?.['is_locked'] !== true) return { count: 0, last: undefined };

    const { rows } = await session.query(inSchema(find, this.schema), [
      before,
      after.receivedAt,
      after.id,
      BATCH,
    ]);
    if (rows.length === 0) return { count: 0, last: undefined };
    const ids = rows.map(({ id }) => id);
    const forgotten = await session.query(inSchema(forget, this.schema), [ids]);
    const end = rows.at(-1)!;
    const isLast = rows.length < BATCH;
    return {
      count: forgotten.rows.length,
      last: isLast ? undefined : { receivedAt: end['received_at'], id: end['id'] },
    };
  }
}

interface BatchOptions {
  readonly find: string;
  readonly forget: string;
  readonly before: Date;
  readonly after: NonNullable<Batch['last']>;
}
