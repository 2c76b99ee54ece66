import { changeSkipReason } from '../inbox/change-skip-reason.js';
import { isToRun } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import { inSchema } from './in-schema.js';
import type { NewJob } from './job-queue.js';
import { CLAIM_CHANGES, TURN_AWAY } from './change-statements.js';
import { TAKE_TURNS } from './lane-statements.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';

/** Which deliveries get a job when they are stored. */
export class Admission {
  constructor(private readonly schema: string) {}

  /**
   * Turns away those whose change the handler has in another format, and lets those wait whose lane is
   * taken.
   *
   * @returns Jobs for the others, to be inserted.
   */
  async admit(session: SqlSession, stored: readonly NewDelivery[]): Promise<NewJob[]> {
    const wanted = stored.filter(({ delivery }) => isToRun(delivery));
    const away = await this.#claimChanges(session, wanted);
    const running = wanted.filter(({ jobId }) => !away.has(jobId));
    const waiting = await this.#takeTurns(session, running);
    return running.filter(({ jobId }) => !waiting.has(jobId)).map(toJob);
  }

  async #claimChanges(
    session: SqlSession,
    wanted: readonly NewDelivery[],
  ): Promise<ReadonlySet<string>> {
    const ids = wanted.filter(({ delivery }) => delivery.change).map(({ jobId }) => jobId);
    if (ids.length === 0) return NONE;
    const away = await this.#query(session, CLAIM_CHANGES, [ids]);
    if (away.length === 0) return NONE;
    await this.#query(session, TURN_AWAY, [
      away.map((row) => row['job_id']),
      away.map((row) => changeSkipReason(String(row['sender_id']))),
    ]);
    return toJobIds(away);
  }

  /** What waits for the end of a burst takes its turn when that is over. */
  async #takeTurns(
    session: SqlSession,
    running: readonly NewDelivery[],
  ): Promise<ReadonlySet<string>> {
    const ids = running
      .filter(
        ({ delivery: { lane, coalesceMs } }) => lane !== undefined && coalesceMs === undefined,
      )
      .map(({ jobId }) => jobId);
    if (ids.length === 0) return NONE;
    return toJobIds(await this.#query(session, TAKE_TURNS, [ids]));
  }

  async #query(
    session: SqlSession,
    statement: string,
    values: readonly unknown[],
  ): Promise<readonly SqlRow[]> {
    return (await session.query(inSchema(statement, this.schema), values)).rows;
  }
}

const NONE: ReadonlySet<string> = new Set();

function toJobIds(rows: readonly SqlRow[]): ReadonlySet<string> {
  return new Set(rows.map((row) => String(row['job_id'])));
}

function toJob({ jobId: id, delivery: { lane, coalesceMs } }: NewDelivery): NewJob {
  if (lane === undefined || coalesceMs === undefined) return { id };
  return { id, startAfterSeconds: coalesceMs / 1000 };
}
