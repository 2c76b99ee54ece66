import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';

const FILE = 'webhook-inbox.lock';
const HEARTBEAT_MS = 1000;
/** How long its owner has to show no sign of life. */
const STALE_MS = 5000;

/**
 * Keeps a directory for one process. The owner's file has a random id and is touched every second, so
 * that a dead owner is told from a living one also across containers, where process ids say nothing.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #owner: string;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Takes the directory, also from an owner that is dead; telling it takes some seconds. `onLost` is called
   * when another process took it, because this one stood still for as long.
   * @throws WebhookConfigurationError where another process has it.
   */
  static async take(directory: string, onLost: (error: unknown) => void): Promise<DirectoryLock> {
    const lock = new DirectoryLock(join(directory, FILE));
    if (!(await lock.#create(lock.#path)) && !(await lock.#takeOver())) {
      throw new WebhookConfigurationError(
        `Another process uses ${directory}. An embedded PostgreSQL takes one process: stop the other one, ` +
          'give this one a directory of its own, or use a PostgreSQL server.',
      );
    }
    lock.#timer = setInterval(() => void lock.#renew(onLost), HEARTBEAT_MS);
    return lock;
  }

  private constructor(path: string) {
    this.#path = path;
    this.#owner = randomUUID();
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (await this.#isOurs()) await rm(this.#path, { force: true });
  }

  /** Puts a whole file in place, or finds that there is one. */
  async #create(path: string): Promise<boolean> {
    const draft = `${this.#path}.${this.#owner}`;
    await writeFile(draft, this.#owner);
    try {
      await link(draft, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Watches for a sign of life; clocks are not compared, because a volume may have another. */
  async #takeOver(): Promise<boolean> {
    const before = await this.#signOfLife();
    for (let waitedMs = 0; waitedMs < STALE_MS; waitedMs += HEARTBEAT_MS / 2) {
      await delay(HEARTBEAT_MS / 2);
      const now = await this.#signOfLife();
      if (now === undefined) return this.#create(this.#path);
      if (now !== before) return false;
    }
    return before === undefined ? this.#create(this.#path) : this.#succeed(before);
  }

  /** Of several that find the owner dead, one becomes its successor. */
  async #succeed(dead: string): Promise<boolean> {
    const claim = `${this.#path}.${createHash('sha1').update(dead).digest('hex')}`;
    if (!(await this.#create(claim))) return false;
    const isStillDead = (await this.#signOfLife()) === dead;
    if (isStillDead) await rename(claim, this.#path);
    else await rm(claim, { force: true });
    return isStillDead;
  }

  async #signOfLife(): Promise<string | undefined> {
    try {
      const [owner, { mtimeMs }] = await Promise.all([
        readFile(this.#path, 'utf8'),
        stat(this.#path),
      ]);
      return `${owner} ${mtimeMs}`;
    } catch {
      return undefined;
    }
  }

  async #isOurs(): Promise<boolean> {
    const owner = await readFile(this.#path, 'utf8').catch(() => undefined);
    return owner === this.#owner;
  }

  async #renew(onLost: (error: unknown) => void): Promise<void> {
    try {
      if (!(await this.#isOurs())) throw new Error(`${this.#path} is another process's now.`);
      await utimes(this.#path, new Date(), new Date());
    } catch (error) {
      clearInterval(this.#timer);
      onLost(error);
    }
  }
}
