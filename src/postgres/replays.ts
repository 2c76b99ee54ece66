import type { Replay, ReplayResult } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { Admission } from './admission.js';
import { despiteConflicts } from './despite-conflicts.js';
import type { JobQueue } from './job-queue.js';
import { UNBLOCK } from './lane-statements.js';
import { LaneTurns } from './lane-turns.js';
import type { InLane } from './lane-turns.js';
import { ReplayedRows } from './replayed-rows.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { queryInSchema } from './in-schema.js';
import { RETRY_NOW } from './run-statements.js';

/** Makes deliveries due that are not: by a replay, before their time, or past a dead one. */
export class Replays {
  readonly #turns: LaneTurns;
  readonly #admission: Admission;
  readonly #rows: ReplayedRows;

  constructor(
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
    private readonly schema: string,
  ) {
    this.#turns = new LaneTurns(schema);
    this.#admission = new Admission(schema, this.#turns);
    this.#rows = new ReplayedRows(queue, schema);
  }

  /** Where it and a run wait for each other, it is done again. */
  replay(replays: readonly Replay[]): Promise<ReplayResult> {
    return despiteConflicts(
      () => this.database.transaction((session) => this.#replay(session, replays)),
      Infinity,
    );
  }

  retryNow({ source, id }: EventKey, handler: string): Promise<boolean> {
    return this.database.transaction(async (session) => {
      const rows = await queryInSchema(session, this.schema, RETRY_NOW, [source, id, handler]);
      await this.queue.makeDue(
        session,
        rows.map((row) => String(row['job_id'])),
      );
      return rows.length > 0;
    });
  }

  /** @returns How many are due by it; undefined where no lane was blocked. */
  unblock({ source, id }: EventKey, handler: string): Promise<number | undefined> {
    return this.database.transaction(async (session) => {
      const blocking = await queryInSchema(session, this.schema, UNBLOCK, [source, id, handler]);
      if (blocking.length === 0) return undefined;
      const next = await this.#leaveLanes(
        session,
        blocking.map(({ lane, job_id: jobId }) => ({ lane, jobId })),
      );
      await this.queue.insertDue(session, next);
      return next.length;
    });
  }

  /** Who replays what was turned away for its change wants it all the same. */
  async #replay(session: SqlSession, replays: readonly Replay[]): Promise<ReplayResult> {
    const replayed = await this.#rows.write(session, replays);
    const claiming = replayed.filter(({ wasForChange }) => !wasForChange);
    const away = await this.#admission.claimChanges(
      session,
      claiming.map(({ jobId }) => jobId),
    );
    const due = replayed.map(({ jobId }) => jobId).filter((id) => !away.has(id));
    const waiting = await this.#turns.take(session, due);
    const next = await this.#leaveLanes(
      session,
      replayed.filter(({ jobId }) => away.has(jobId)),
    );
    await this.queue.insertDue(session, [...due.filter((id) => !waiting.has(id)), ...next]);
    return { due: due.length, skipped: away.size };
  }

  /** Those that have the turn in their lane give it up. */
  async #leaveLanes(session: SqlSession, holders: readonly InLane[]): Promise<string[]> {
    return this.#turns.pass(session, await this.#turns.lock(session, holders));
  }
}
