import { randomUUID } from 'node:crypto';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { findLastOwner, hasCode, ownerPath, ownersIn, RELEASED } from './directory-owner.js';

const HEARTBEAT_MS = 1000;
/** How long its owner has to show no sign of life. */
const STALE_MS = 5000;
/** An owner that could not touch its file for so long gives up, before another one takes it for dead. */
const GIVE_UP_MS = STALE_MS - 1.5 * HEARTBEAT_MS;

const SUCCEEDED =
  'another process has taken it while this one stood still, or its lock was removed. Start it again, as the ' +
  'only one that uses this directory.';
const UNTOUCHED =
  'its lock could not be touched (see the cause). Start it again. If that does not help, give it a directory ' +
  'on a local disk or a volume, or use a PostgreSQL server.';

/**
 * Keeps a directory for one process. Owners are numbered, and the one with the highest number has it. Each has a
 * file, which it touches every second: so a dead owner is told from a living one also across containers, where
 * process ids say nothing.
 *
 * Who makes the file of the next number, which one can, is the owner from then on, whatever becomes of it. The
 * file with the highest number is never removed, so that numbers only grow: one that stood still while it took
 * the directory finds, when it goes on, that there is a higher one.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #id = randomUUID();
  readonly #released = new AbortController();
  #path = '';
  /** When our file was surely touched, by `performance.now()`. */
  #touchedAt = -Infinity;
  #lost: Error | undefined;
  #beats: Promise<void> | undefined;

  /**
   * Takes the directory, also from an owner that is dead; telling it takes some seconds. `onLost` is called
   * once, when it is no longer ours: another process took it while this one stood still, or its file could not
   * be touched any more.
   * @throws WebhookConfigurationError where another process has it.
   */
  static async take(directory: string, onLost: (error: Error) => void): Promise<DirectoryLock> {
    const lock = new DirectoryLock(directory);
    const number = await lock.#claim();
    await lock.#tidyUp(number);
    await lock.assertOwned();
    lock.#beats = lock.#keep(onLost);
    return lock;
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws WebhookConfigurationError where the directory is no longer ours. */
  async assertOwned(): Promise<void> {
    await this.#renew();
    if (this.#lost) throw this.#lost;
  }

  /** Gives the directory back. It never fails: a lock that cannot be released is that of a dead owner. */
  async release(): Promise<void> {
    this.#released.abort();
    await this.#beats;
    if (!this.#lost) await writeFile(this.#path, RELEASED).catch(() => undefined);
  }

  /** Watches for a sign of life; clocks are not compared, because a volume may have another. */
  async #claim(): Promise<number> {
    const found = await findLastOwner(this.#directory);
    for (let waitedMs = 0; ; waitedMs += HEARTBEAT_MS / 2) {
      const last = await findLastOwner(this.#directory);
      if (last.id !== undefined && last.signOfLife !== found.signOfLife) {
        throw new WebhookConfigurationError(
          `Another process uses ${this.#directory}. An embedded PostgreSQL takes one process: stop the other ` +
            'one, give this one a directory of its own, or use a PostgreSQL server.',
        );
      }
      const isFree = last.id === undefined || waitedMs >= STALE_MS;
      if (isFree && (await this.#succeed(last.number))) return last.number + 1;
      await delay(HEARTBEAT_MS / 2);
    }
  }

  /** Of several that find the directory free, one becomes the next owner. */
  async #succeed(number: number): Promise<boolean> {
    this.#path = ownerPath(this.#directory, number + 1);
    try {
      await writeFile(this.#path, this.#id, { flag: 'wx' });
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
    // Others may have come and gone since it was found free, and their files with them.
    return (await findLastOwner(this.#directory)).id === this.#id;
  }

  /** Removes the files of those before us. */
  async #tidyUp(number: number): Promise<void> {
    const before = (await ownersIn(this.#directory)).filter((each) => each < number);
    await Promise.all(before.map((each) => rm(ownerPath(this.#directory, each), { force: true })));
  }

  /** One beat after the other, until the directory is lost or released. */
  async #keep(onLost: (error: Error) => void): Promise<void> {
    const { signal } = this.#released;
    while (!this.#lost && !signal.aborted) {
      await delay(HEARTBEAT_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#renew();
    }
    if (this.#lost && !signal.aborted) onLost(this.#lost);
  }

  /** Shows a sign of life. Where that fails, the next one may not; the first one has to succeed. */
  async #renew(): Promise<void> {
    const startedAt = performance.now();
    try {
      const { id } = await findLastOwner(this.#directory);
      if (id !== this.#id) return this.#lose(SUCCEEDED);
      await utimes(this.#path, new Date(), new Date());
      this.#touchedAt = startedAt;
    } catch (error) {
      if (performance.now() - this.#touchedAt > GIVE_UP_MS) this.#lose(UNTOUCHED, error);
    }
  }

  #lose(reason: string, cause?: unknown): void {
    const message = `This process has lost ${this.#directory}: ${reason}`;
    this.#lost ??= new WebhookConfigurationError(message, { cause });
  }
}
