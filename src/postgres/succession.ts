import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { Attempt } from './attempt.interface.js';
import { toText } from './columns.js';
import { queryInSchema } from './in-schema.js';
import type { JobQueue } from './job-queue.js';
import { LOCK_CHANGES, PASS_CHANGES } from './change-statements.js';
import { BLOCK_LANES, SETTLE_FOLLOWERS } from './lane-statements.js';
import type { LaneTurns } from './lane-turns.js';
import { HOLD_BACK } from './pause-statements.js';
import { toEventKey } from './read-rows.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';

/** What attempts that were settled leave to others. */
export interface Left {
  /** The jobs of deliveries that are due by it, to be inserted. */
  readonly due: readonly string[];
  /** The jobs of those that are held back, because their handler is paused. */
  readonly held: ReadonlySet<string>;
  /** The events of deliveries that are settled with them. */
  readonly followed: readonly EventKey[];
}

/**
 * What follows for other deliveries when attempts are settled, in the same transaction: those that a run
 * stood for are settled too, another format gets the change of a dead one, and the next in a lane its turn.
 */
export class Succession {
  constructor(
    private readonly queue: JobQueue,
    private readonly schema: string,
    private readonly turns: LaneTurns,
  ) {}

  async follow(session: SqlSession, settled: readonly Attempt[]): Promise<Left> {
    const held = await this.#holdBack(session, settled);
    // In the order in which storing locks them.
    const heirs = await this.#passChanges(session, settled);
    const blocking = settled.filter((attempt) => isToBlock(attempt, heirs));
    await this.#block(session, blocking);
    const leaving = settled.filter((each) => !keepsTurn(each) && !blocking.includes(each));
    const lanes = await this.turns.lock(
      session,
      leaving.map(({ taken }) => taken),
    );
    const followed = await this.#settleFollowers(session, settled);
    const inherited = toJobIds(heirs);
    const waiting = await this.turns.take(session, inherited);
    const next = await this.turns.pass(session, lanes);
    const due = [...inherited.filter((id) => !waiting.has(id)), ...next];
    return { due, held, followed };
  }

  async #holdBack(session: SqlSession, settled: readonly Attempt[]): Promise<ReadonlySet<string>> {
    const paused = settled.filter(({ outcome }) => outcome.status === 'paused');
    if (paused.length === 0) return new Set();
    const held = await queryInSchema(session, this.schema, HOLD_BACK, [
      paused.map(({ taken }) => taken.jobId),
      paused.map(({ taken }) => taken.handler),
    ]);
    return new Set(toJobIds(held));
  }

  /** The deliveries that have a change by the death of another, each with the change. */
  async #passChanges(session: SqlSession, settled: readonly Attempt[]): Promise<readonly SqlRow[]> {
    const changes = settled
      .filter(({ taken, outcome }) => taken.change !== undefined && outcome.status === 'dead')
      .map(({ taken }) => taken.change);
    if (changes.length === 0) return [];
    // Only what is read after the lock is had shows what came meanwhile.
    await queryInSchema(session, this.schema, LOCK_CHANGES, [changes]);
    return queryInSchema(session, this.schema, PASS_CHANGES, [changes]);
  }

  async #block(session: SqlSession, blocking: readonly Attempt[]): Promise<void> {
    if (blocking.length === 0) return;
    await queryInSchema(session, this.schema, BLOCK_LANES, [
      blocking.map(({ taken }) => taken.jobId),
    ]);
  }

  async #settleFollowers(session: SqlSession, settled: readonly Attempt[]): Promise<EventKey[]> {
    const leaders = settled.filter(
      ({ taken, outcome: { status } }) =>
        taken.burst !== undefined && (status === 'succeeded' || status === 'skipped'),
    );
    if (leaders.length === 0) return [];
    const followers = await queryInSchema(session, this.schema, SETTLE_FOLLOWERS, [
      leaders.map(({ taken }) => taken.burst),
      leaders.map(({ taken }) => taken.jobId),
      leaders.map(({ outcome }) => outcome.status),
      leaders.map(({ outcome }) => ('reason' in outcome ? toText(outcome.reason) : null)),
    ]);
    await this.queue.drop(session, toJobIds(followers));
    return followers.map(toEventKey);
  }
}

/** In a lane in order, what is going to run again stays in front. */
function keepsTurn({ taken, outcome: { status } }: Attempt): boolean {
  const isSettled = status === 'succeeded' || status === 'skipped' || status === 'dead';
  return taken.onDead !== undefined && !isSettled;
}

/** Where another format has its change, that stands for it. */
function isToBlock({ taken, outcome }: Attempt, heirs: readonly SqlRow[]): boolean {
  if (taken.onDead !== 'block' || outcome.status !== 'dead') return false;
  return taken.change === undefined || !heirs.some(({ change }) => change === taken.change);
}

function toJobIds(rows: readonly SqlRow[]): string[] {
  return rows.map((row) => String(row['job_id']));
}
