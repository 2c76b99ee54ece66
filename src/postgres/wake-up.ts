import { setTimeout as delay } from 'node:timers/promises';
import type { ReservedSession, SqlDatabase, SqlSession } from './sql-database.interface.js';

const RECONNECT_MS = 1000;
/** Under load, other processes are told this often: they look for more by themselves while they find some. */
const NOTIFY_INTERVAL_MS = 10;
/** $1 the channel. A result of type void is more than Prisma reads. */
const NOTIFY_WITHIN = `SELECT pg_notify($1, '')::text`;
/** $1 the channel. A transaction of its own, which keeps nothing: its commit does not wait for the disk. */
const NOTIFY = `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')::text`;

/**
 * Tells workers of all processes that something is due, over a connection that is kept for it. It only
 * saves time: what is missed is found by looking.
 */
export class WakeUp {
  readonly #channel: string;
  #reserved: ReservedSession | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #isNotifying = false;
  #mustNotify = false;
  readonly #stopping = new AbortController();

  constructor(
    private readonly database: SqlDatabase,
    schema: string,
    private readonly onWake: () => void,
  ) {
    this.#channel = `${schema}_due`;
  }

  /** The kept connection, or the pool while there is none. */
  get session(): SqlSession {
    return this.#reserved ?? this.database;
  }

  async listen(): Promise<void> {
    try {
      const reserved = await this.database.reserve(this.#channel, this.onWake, () =>
        this.#relisten(),
      );
      if (this.#isStopped) await reserved.release();
      else this.#reserved = reserved;
    } catch {
      this.#relisten();
    }
    this.onWake();
  }

  /**
   * After the commit and not in it: PostgreSQL lets one transaction that notifies commit at a time. The
   * first is sent at once, and one more stands for all that come until its time is over.
   */
  notify(): void {
    if (this.database.backend === 'pglite') return;
    this.#mustNotify = true;
    if (!this.#isNotifying) void this.#notifyAll();
  }

  /** With the commit of a transaction that somebody else commits. */
  async notifyWithin(session: SqlSession): Promise<void> {
    await session.query(NOTIFY_WITHIN, [this.#channel]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#reconnectTimer);
    await this.#reserved?.release();
    this.#reserved = undefined;
  }

  async #notifyAll(): Promise<void> {
    this.#isNotifying = true;
    while (this.#mustNotify && !this.#isStopped) {
      this.#mustNotify = false;
      await this.session.query(NOTIFY, [this.#channel]).catch(() => undefined);
      const { signal } = this.#stopping;
      await delay(NOTIFY_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
    this.#isNotifying = false;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #relisten(): void {
    this.#reserved = undefined;
    if (this.#isStopped) return;
    this.#reconnectTimer = setTimeout(() => void this.listen(), RECONNECT_MS);
  }
}
