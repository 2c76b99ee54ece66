import type { Attempt } from './attempt.interface.js';
import { toText } from './columns.js';
import { inSchema } from './in-schema.js';
import type { JobQueue, NewJob } from './job-queue.js';
import { LOCK_CHANGES, PASS_CHANGES } from './change-statements.js';
import {
  FIND_IDLE_LANES,
  LOCK_IDLE_LANES,
  LOCK_LANES,
  PASS_TURNS,
  SETTLE_FOLLOWERS,
} from './lane-statements.js';
import { HOLD_BACK } from './pause-statements.js';
import type { SqlSession } from './sql-database.interface.js';

/** What attempts that were settled leave to others. */
export interface Left {
  /** Jobs of deliveries that are due by it, to be inserted. */
  readonly due: readonly NewJob[];
  /** The jobs of those that are held back, because their handler is paused. */
  readonly held: ReadonlySet<string>;
}

/**
 * What follows for other deliveries when attempts are settled, in the same transaction: those that a run
 * stood for are settled too, another format gets the change of a dead one, and the next in a lane its turn.
 */
export class Succession {
  constructor(
    private readonly queue: JobQueue,
    private readonly schema: string,
  ) {}

  async follow(session: SqlSession, settled: readonly Attempt[]): Promise<Left> {
    const held = await this.#holdBack(session, settled);
    // In the order in which storing locks them.
    const inherited = await this.#passChanges(session, settled);
    const lanes = await this.#lockLanes(session, settled);
    await this.#settleFollowers(session, settled);
    const next = lanes.length > 0 ? await this.#query(session, PASS_TURNS, [lanes]) : [];
    return { due: [...inherited, ...next].map((id) => ({ id })), held };
  }

  /**
   * Passes on the turns of jobs that are not run: a delivery that is settled while its job is taken may be
   * given the turn in the same moment.
   *
   * @returns Jobs of deliveries that are due by it, to be inserted.
   */
  async passIdleTurns(session: SqlSession, jobIds: readonly string[]): Promise<readonly NewJob[]> {
    const locked = await this.#lanes(session, LOCK_IDLE_LANES, [jobIds]);
    if (locked.length === 0) return [];
    // Only what is read after the lock is had shows what came meanwhile.
    const idle = await this.#lanes(session, FIND_IDLE_LANES, [locked]);
    if (idle.length === 0) return [];
    return (await this.#query(session, PASS_TURNS, [idle])).map((id) => ({ id }));
  }

  async #holdBack(session: SqlSession, settled: readonly Attempt[]): Promise<ReadonlySet<string>> {
    const paused = settled.filter(({ outcome }) => outcome.status === 'paused');
    if (paused.length === 0) return new Set();
    const held = await this.#query(session, HOLD_BACK, [
      paused.map(({ taken }) => taken.jobId),
      paused.map(({ taken }) => taken.handler),
    ]);
    return new Set(held);
  }

  async #settleFollowers(session: SqlSession, settled: readonly Attempt[]): Promise<void> {
    const leaders = settled.filter(
      ({ taken, outcome: { status } }) =>
        taken.burst !== undefined && (status === 'succeeded' || status === 'skipped'),
    );
    if (leaders.length === 0) return;
    const followers = await this.#query(session, SETTLE_FOLLOWERS, [
      leaders.map(({ taken }) => taken.burst),
      leaders.map(({ taken }) => taken.jobId),
      leaders.map(({ outcome }) => outcome.status),
      leaders.map(({ outcome }) => ('reason' in outcome ? toText(outcome.reason) : null)),
    ]);
    await this.queue.drop(session, followers);
  }

  async #passChanges(session: SqlSession, settled: readonly Attempt[]): Promise<string[]> {
    const changes = settled
      .filter(({ taken, outcome }) => taken.change !== undefined && outcome.status === 'dead')
      .map(({ taken }) => taken.change);
    if (changes.length === 0) return [];
    // Only what is read after the lock is had shows what came meanwhile.
    await session.query(inSchema(LOCK_CHANGES, this.schema), [changes]);
    return this.#query(session, PASS_CHANGES, [changes]);
  }

  /** The lanes in which they have the turn. */
  async #lockLanes(session: SqlSession, settled: readonly Attempt[]): Promise<readonly unknown[]> {
    const inLanes = settled.filter(({ taken }) => taken.lane !== undefined);
    if (inLanes.length === 0) return [];
    return this.#lanes(session, LOCK_LANES, [
      inLanes.map(({ taken }) => taken.lane),
      inLanes.map(({ taken }) => taken.jobId),
    ]);
  }

  async #lanes(
    session: SqlSession,
    statement: string,
    values: readonly unknown[],
  ): Promise<readonly unknown[]> {
    const { rows } = await session.query(inSchema(statement, this.schema), values);
    return rows.map((row) => row['lane']);
  }

  /** The job ids that a statement gives. */
  async #query(
    session: SqlSession,
    statement: string,
    values: readonly unknown[],
  ): Promise<string[]> {
    const { rows } = await session.query(inSchema(statement, this.schema), values);
    return rows.map((row) => String(row['job_id']));
  }
}
