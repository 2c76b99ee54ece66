import { changeSkipReason } from '../inbox/change-skip-reason.js';
import { isToRun } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import { queryInSchema } from './in-schema.js';
import type { NewJob } from './job-queue.js';
import { CLAIM_CHANGES, TURN_AWAY } from './change-statements.js';
import type { LaneTurns } from './lane-turns.js';
import type { SqlSession } from './sql-database.interface.js';

/** Which deliveries get a job when they become pending. */
export class Admission {
  constructor(
    private readonly schema: string,
    private readonly turns: LaneTurns,
  ) {}

  /**
   * Turns away those whose change the handler has in another format, and lets those wait whose lane is
   * taken.
   *
   * @returns Jobs for the others, to be inserted.
   */
  async admit(session: SqlSession, stored: readonly NewDelivery[]): Promise<NewJob[]> {
    const wanted = stored.filter(({ delivery }) => isToRun(delivery));
    const away = await this.claimChanges(
      session,
      wanted.filter(({ delivery }) => delivery.change).map(({ jobId }) => jobId),
    );
    const running = wanted.filter(({ jobId }) => !away.has(jobId));
    const waiting = await this.turns.take(
      session,
      running.filter(takesTurn).map(({ jobId }) => jobId),
    );
    return running.filter(({ jobId }) => !waiting.has(jobId)).map(toJob);
  }

  /** Each claims its change, if it has one; those are turned away, and given, whose change another format has. */
  async claimChanges(session: SqlSession, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (jobIds.length === 0) return NONE;
    const rows = await queryInSchema(session, this.schema, CLAIM_CHANGES, [jobIds]);
    if (rows.length === 0) return NONE;
    const away = rows.map((row) => String(row['job_id']));
    const reasons = rows.map((row) => changeSkipReason(String(row['sender_id'])));
    await queryInSchema(session, this.schema, TURN_AWAY, [away, reasons]);
    return new Set(away);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** What waits for the end of a burst takes its turn when that is over. */
function takesTurn({ delivery: { lane, coalesceMs } }: NewDelivery): boolean {
  return lane !== undefined && coalesceMs === undefined;
}

function toJob({ jobId: id, delivery: { lane, coalesceMs } }: NewDelivery): NewJob {
  if (lane === undefined || coalesceMs === undefined) return { id };
  return { id, startAfterSeconds: coalesceMs / 1000 };
}
