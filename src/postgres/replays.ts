import type { Replay } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { createJobId } from './create-job-id.js';
import { keyOf } from './event-key.js';
import { toLaneKey } from './delivery-columns.js';
import type { JobQueue } from './job-queue.js';
import { toEventKey } from './read-rows.js';
import type { SqlDatabase, SqlRow, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import { ADD_REPLAYS, FIND_REPLAYS, REPLAY_DELIVERIES, RETRY_NOW } from './run-statements.js';

/** Makes deliveries due that are not: by a replay, or before their time. */
export class Replays {
  constructor(
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
    private readonly schema: string,
  ) {}

  /** @returns How many are due by it. */
  replay(replays: readonly Replay[]): Promise<number> {
    return this.database.transaction(async (session) => {
      const wanted = replays.flatMap(({ event, deliveries }) =>
        deliveries.map((delivery) => ({ event, ...delivery })),
      );
      const rows = await this.#query(session, FIND_REPLAYS, [
        wanted.map(({ event }) => event.source),
        wanted.map(({ event }) => event.id),
        wanted.map(({ handler }) => handler),
      ]);
      const lanes = new Map(
        wanted.map(({ event, handler, lane }) => [
          `${keyOf(event)}\n${handler}`,
          toLaneKey(event.source, lane),
        ]),
      );
      const known = rows.filter((row) => row['job_id'] !== null);
      const missing = rows.filter((row) => row['job_id'] === null);
      const ids = [
        ...(await this.#renew(session, known, lanes)),
        ...(await this.#add(session, missing, lanes)),
      ];
      await this.queue.insert(
        session,
        ids.map((id) => ({ id })),
      );
      return ids.length;
    });
  }

  retryNow({ source, id }: EventKey, handler: string): Promise<boolean> {
    return this.database.transaction(async (session) => {
      const rows = await this.#query(session, RETRY_NOW, [source, id, handler]);
      await this.queue.makeDue(
        session,
        rows.map((row) => String(row['job_id'])),
      );
      return rows.length > 0;
    });
  }

  async #renew(session: SqlSession, known: readonly SqlRow[], lanes: Lanes): Promise<string[]> {
    if (known.length === 0) return [];
    const renewed = await this.#query(session, REPLAY_DELIVERIES, [
      known.map((row) => row['job_id']),
      known.map((row) => nextJobId(row)),
      known.map((row) => laneOf(row, lanes)),
    ]);
    // What had failed has a job that waits for its time.
    await this.queue.drop(
      session,
      renewed.map((row) => String(row['job_id'])),
    );
    return renewed.map((row) => String(row['next_job_id']));
  }

  async #add(session: SqlSession, missing: readonly SqlRow[], lanes: Lanes): Promise<string[]> {
    if (missing.length === 0) return [];
    const added = await this.#query(session, ADD_REPLAYS, [
      missing.map((row) => row['id']),
      missing.map((row) => row['handler']),
      missing.map((row) => row['position']),
      missing.map((row) => row['endpoint']),
      missing.map((row) => nextJobId(row)),
      missing.map((row) => laneOf(row, lanes)),
    ]);
    return added.map((row) => String(row['job_id']));
  }

  async #query(
    session: SqlSession,
    statement: string,
    values: readonly unknown[],
  ): Promise<readonly SqlRow[]> {
    return (await session.query(inSchema(statement, this.schema), values)).rows;
  }
}

/** The lanes that a replay gives, by event and handler. */
type Lanes = ReadonlyMap<string, string | null>;

function laneOf(row: SqlRow, lanes: Lanes): string | null {
  return lanes.get(`${keyOf(toEventKey(row))}\n${String(row['handler'])}`) ?? null;
}

function nextJobId(row: SqlRow): string {
  const { source, id } = toEventKey(row);
  return createJobId(source, id, row['handler'] as string, Number(row['replay']) + 1);
}
