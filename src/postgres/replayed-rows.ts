import type { Replay, WantedDelivery } from '../inbox/webhook-engine.interface.js';
import { createJobId } from './create-job-id.js';
import { toReplayColumns } from './delivery-columns.js';
import { keyOf } from './event-key.js';
import type { JobQueue } from './job-queue.js';
import { toEventKey } from './read-rows.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';
import { queryInSchema } from './in-schema.js';
import { ADD_REPLAYS, FIND_REPLAYS, REPLAY_DELIVERIES } from './run-statements.js';

/** A delivery that is pending by a replay. */
export interface ReplayedDelivery {
  readonly jobId: string;
  readonly lane: unknown;
  /** It had been turned away, because another format had its change. */
  readonly wasForChange: boolean;
}

/** What deliveries are wanted as, by event and handler. */
type Wanted = ReadonlyMap<string, WantedDelivery>;

/** Makes the rows of deliveries that are replayed pending, under a new job, and adds those that were not there. */
export class ReplayedRows {
  constructor(
    private readonly queue: JobQueue,
    private readonly schema: string,
  ) {}

  /** Nothing of those that are pending or running, or whose body is gone. */
  async write(session: SqlSession, replays: readonly Replay[]): Promise<ReplayedDelivery[]> {
    const wanted = replays.flatMap(({ event, deliveries }) =>
      deliveries.map((delivery) => ({ event, delivery })),
    );
    const rows = await queryInSchema(session, this.schema, FIND_REPLAYS, [
      wanted.map(({ event }) => event.source),
      wanted.map(({ event }) => event.id),
      wanted.map(({ delivery }) => delivery.handler),
    ]);
    const byKey = new Map(
      wanted.map(({ event, delivery }) => [`${keyOf(event)}\n${delivery.handler}`, delivery]),
    );
    const known = rows.filter((row) => row['job_id'] !== null);
    const missing = rows.filter((row) => row['job_id'] === null);
    const renewed = await this.#renew(session, known, byKey);
    const added = await this.#add(session, missing, byKey);
    return [...renewed, ...added].map(toReplayed);
  }

  async #renew(
    session: SqlSession,
    known: readonly SqlRow[],
    wanted: Wanted,
  ): Promise<readonly SqlRow[]> {
    if (known.length === 0) return [];
    const renewed = await queryInSchema(session, this.schema, REPLAY_DELIVERIES, [
      known.map((row) => row['job_id']),
      known.map(createNextJobId),
      ...toColumns(known, wanted),
    ]);
    // What had failed has a job that waits for its time.
    await this.queue.drop(
      session,
      renewed.map((row) => String(row['job_id'])),
    );
    return renewed;
  }

  async #add(
    session: SqlSession,
    missing: readonly SqlRow[],
    wanted: Wanted,
  ): Promise<readonly SqlRow[]> {
    if (missing.length === 0) return [];
    return queryInSchema(session, this.schema, ADD_REPLAYS, [
      missing.map((row) => row['id']),
      missing.map((row) => row['handler']),
      missing.map((row) => row['position']),
      missing.map((row) => row['endpoint']),
      missing.map(createNextJobId),
      ...toColumns(missing, wanted),
    ]);
  }
}

/** What they are stored with, as one array for each column. */
function toColumns(rows: readonly SqlRow[], wanted: Wanted): unknown[][] {
  const values = rows.map((row) => {
    const { source, id } = toEventKey(row);
    const handler = String(row['handler']);
    return toReplayColumns(source, wanted.get(`${keyOf({ source, id })}\n${handler}`)!);
  });
  return [0, 1, 2, 3].map((column) => values.map((each) => each[column]));
}

function toReplayed(row: SqlRow): ReplayedDelivery {
  const wasForChange = row['for_change'] === true;
  return { jobId: String(row['next_job_id']), lane: row['lane'], wasForChange };
}

function createNextJobId(row: SqlRow): string {
  const { source, id } = toEventKey(row);
  return createJobId(source, id, row['handler'] as string, Number(row['replay']) + 1);
}
