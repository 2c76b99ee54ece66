import type { Job, PgBoss } from 'pg-boss';
import { loadPeer } from './load-peer.js';
import { QueueStatistics } from './queue-statistics.js';
import type { QueryOptions, SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';

const QUEUE = 'deliveries';
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** What a queue keeps of a job that is waiting or running. */
const QUEUE_OPTIONS = {
  policy: 'standard',
  // A delivery is retried as our policy says; to pg-boss every retry is one of many.
  retryLimit: 2_000_000_000,
  retryDelay: 0,
  // Its shortest. A process that is killed is found out after this, and within another second.
  heartbeatSeconds: 10,
  // Its longest. What runs longer without an end is given up by our own `abandonAfterMs`.
  expireInSeconds: 24 * 60 * 60,
  // Waiting jobs older than this are deleted by pg-boss: none ever is.
  retentionSeconds: 10 * YEAR_SECONDS,
  deleteAfterSeconds: 60,
} as const;

/** $1 the schema. The table of waiting jobs, unless its storage parameters are set. */
const FIND_UNTUNED = `
  SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE nspname = $1 AND relname = 'job_common' AND reloptions IS NULL`;
const TUNE = `
  ALTER TABLE {schema}.job_common SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
  )`;

/** A job as it was taken: `retryCount` counts the takings. */
export interface TakenJob {
  readonly id: string;
  readonly retryCount: number;
}

export interface NewJob {
  readonly id: string;
  readonly startAfterSeconds?: number;
}

/** A job that is to be run again. */
export interface ReturnedJob extends TakenJob {
  readonly delaySeconds: number;
}

/**
 * The queue of deliveries that wait to be run, kept by pg-boss: it claims, keeps leases and due times,
 * and gives back what a dead process had. A job has the id of its delivery and nothing else.
 */
export class JobQueue {
  readonly #database: SqlDatabase;
  readonly #schema: string;
  readonly #report: (message: string, error?: unknown) => void;
  #boss: PgBoss | undefined;
  #insertion: string | undefined;
  readonly #statistics: QueueStatistics;

  constructor(
    database: SqlDatabase,
    schema: string,
    report: (message: string, error?: unknown) => void,
  ) {
    this.#database = database;
    this.#schema = schema;
    this.#report = report;
    this.#statistics = new QueueStatistics(database, schema, report);
  }

  async start(): Promise<void> {
    const { PgBoss } = await loadPeer('pg-boss', 'pg-boss@12.35.0', () => import('pg-boss'));
    const boss = new PgBoss({
      db: toBossDatabase(this.#database),
      backend: this.#database.backend,
      schema: this.#schema,
      // It is there already. To ask for it is refused to a role that may not make schemas.
      createSchema: false,
      schedule: false,
      superviseIntervalSeconds: 1,
      monitorIntervalSeconds: 1,
      maintenanceIntervalSeconds: 60,
      // A backlog is the inbox's to report.
      warningQueueSize: 2_000_000_000,
    });
    boss.on('error', (error) => this.#report('The job queue has a problem.', error));
    await boss.start();
    this.#boss = boss;
    await boss.createQueue(QUEUE, QUEUE_OPTIONS);
    await this.#tune();
    // Now it looks up the queue and remembers it. In a transaction of PGlite that would wait for its end.
    await boss.insert(QUEUE, [], { db: { executeSql: (text) => this.#keepInsertion(text) } });
  }

  async stop(): Promise<void> {
    await this.#statistics.idle();
    await this.#boss?.stop({ graceful: false, close: false });
  }

  /**
   * The statement by which pg-boss inserts jobs, to be a part of another one: given the expression for its
   * only parameter, a JSON list of jobs. Undefined where it is not as it was in 12.35.
   */
  get insertion(): ((jobs: string) => string) | undefined {
    const text = this.#insertion;
    return text === undefined ? undefined : (jobs) => text.replace('$1', () => jobs);
  }

  async insert(session: SqlSession, jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const inserted = jobs.map(({ id, startAfterSeconds: startAfter }) =>
      startAfter === undefined ? { id } : { id, startAfter },
    );
    const db = toBossDatabase(session, { isPrepared: true });
    await this.#started.insert(QUEUE, inserted, { db });
  }

  /** Inserts jobs that are due at once. */
  insertDue(session: SqlSession, ids: readonly string[]): Promise<void> {
    return this.insert(
      session,
      ids.map((id) => ({ id })),
    );
  }

  /** Takes jobs that are due, up to so many. */
  async take(count: number): Promise<readonly TakenJob[]> {
    const jobs: Job[] = await this.#started.fetch(QUEUE, { batchSize: count });
    this.#statistics.onTaken(jobs.length === count);
    return jobs as Job[] & TakenJob[];
  }

  /** Ends jobs whose delivery is settled: the ledger keeps what came of them. */
  async finish(session: SqlSession, jobs: readonly TakenJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#started.deleteJob(QUEUE, pick(jobs), { db: toBossDatabase(session) });
  }

  /** Removes jobs that have been given up for others, if they are there. */
  async drop(session: SqlSession, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#started.deleteJob(QUEUE, [...ids], { db: toBossDatabase(session) });
  }

  /** Puts jobs back, each to be due again after its own time. */
  async putBack(session: SqlSession, jobs: readonly ReturnedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const db = toBossDatabase(session);
    await this.#started.fail(QUEUE, pick(jobs), null, { db });
    for (const { id, delaySeconds } of jobs) {
      await this.#started.update(QUEUE, undefined, { id, startAfter: delaySeconds, db });
    }
  }

  /** Makes jobs that wait for their time due now, and gives those that were there. */
  async makeDue(session: SqlSession, ids: readonly string[]): Promise<readonly string[]> {
    const db = toBossDatabase(session);
    const made: string[] = [];
    for (const id of ids) {
      const { jobs } = await this.#started.update(QUEUE, undefined, { id, startAfter: 0, db });
      made.push(...jobs);
    }
    return made;
  }

  /** Renews the lease of jobs that are still running. */
  async touch(session: SqlSession, jobs: readonly TakenJob[]): Promise<void> {
    await this.#started.touch(QUEUE, pick(jobs), { db: toBossDatabase(session) });
  }

  /**
   * Rows come and go here much faster than PostgreSQL's defaults expect: without this, a backlog is read
   * with statistics from when there was none, and each taking reads all of it.
   */
  async #tune(): Promise<void> {
    const { rows } = await this.#database.query(FIND_UNTUNED, [this.#schema]);
    if (rows.length > 0) await this.#database.query(inSchema(TUNE, this.#schema));
  }

  async #keepInsertion(text: string): Promise<{ rows: [] }> {
    const parameters = text.match(/\$\d+/g) ?? [];
    const isAsKnown = /^\s*INSERT\s/.test(text) && parameters.join() === '$1';
    if (isAsKnown && text.includes('($1::text::json)')) this.#insertion = text;
    return { rows: [] };
  }

  get #started(): PgBoss {
    if (!this.#boss) throw new Error('The job queue has not been started.');
    return this.#boss;
  }
}

/** pg-boss compares with both what it is given: no more than it asks for. */
function pick(jobs: readonly TakenJob[]): TakenJob[] {
  return jobs.map(({ id, retryCount }) => ({ id, retryCount }));
}

function toBossDatabase(
  session: SqlSession,
  options?: QueryOptions,
): {
  executeSql: (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;
} {
  return { executeSql: (text, values) => session.query(text, values, options) };
}
