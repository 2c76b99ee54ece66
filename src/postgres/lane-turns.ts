import { queryInSchema } from './in-schema.js';
import {
  FIND_IDLE_LANES,
  LOCK_IDLE_LANES,
  LOCK_LANES,
  ORDER_LANES,
  PASS_TURNS,
  TAKE_TURNS,
} from './lane-statements.js';
import { toLaneKey } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';

/** A delivery in a lane, by its job. */
export interface InLane {
  readonly lane: unknown;
  readonly jobId: unknown;
}

const NONE: ReadonlySet<string> = new Set();

/** Whose turn it is in each lane. Only who has it has a job. */
export class LaneTurns {
  constructor(private readonly schema: string) {}

  /** To be called before events are stored: those of a lane in order are given their place one after the other. */
  async order(session: SqlSession, wanted: readonly Omit<NewDelivery, 'jobId'>[]): Promise<void> {
    const lanes = wanted
      .filter(({ delivery }) => delivery.order === 'fifo')
      .flatMap(({ delivery, event }) => toLaneKey(event.source, delivery.lane) ?? []);
    if (lanes.length > 0)
      await queryInSchema(session, this.schema, ORDER_LANES, [lanes, this.schema]);
  }

  /** Each takes the turn in its lane, if it has one, and gives the job ids of those that wait for it. */
  async take(session: SqlSession, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (jobIds.length === 0) return NONE;
    return new Set(toJobIds(await queryInSchema(session, this.schema, TAKE_TURNS, [jobIds])));
  }

  /** Locks the lanes in which they have the turn, and gives those lanes. */
  async lock(session: SqlSession, holders: readonly InLane[]): Promise<readonly unknown[]> {
    const inLanes = holders.filter(({ lane }) => lane !== undefined && lane !== null);
    if (inLanes.length === 0) return [];
    const rows = await queryInSchema(session, this.schema, LOCK_LANES, [
      inLanes.map(({ lane }) => lane),
      inLanes.map(({ jobId }) => jobId),
    ]);
    return toLanes(rows);
  }

  /** The turn in lanes that are locked goes to who is next; gives their new job ids. */
  async pass(session: SqlSession, lanes: readonly unknown[]): Promise<string[]> {
    if (lanes.length === 0) return [];
    return toJobIds(await queryInSchema(session, this.schema, PASS_TURNS, [lanes]));
  }

  /**
   * Passes on the turns of jobs that are not run, and gives the new job ids of who is next: a delivery that
   * is settled while its job is taken may be given the turn in the same moment.
   */
  async passIdle(session: SqlSession, jobIds: readonly string[]): Promise<string[]> {
    const locked = toLanes(await queryInSchema(session, this.schema, LOCK_IDLE_LANES, [jobIds]));
    if (locked.length === 0) return [];
    // Only what is read after the lock is had shows what came meanwhile.
    return this.pass(
      session,
      toLanes(await queryInSchema(session, this.schema, FIND_IDLE_LANES, [locked])),
    );
  }
}

function toLanes(rows: readonly SqlRow[]): readonly unknown[] {
  return rows.map(({ lane }) => lane);
}

function toJobIds(rows: readonly SqlRow[]): string[] {
  return rows.map((row) => String(row['job_id']));
}
