import { randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { findOwner, hasCode, successorPath } from './directory-owner.js';
import type { DirectoryOwner } from './directory-owner.js';

const FILE = 'webhook-inbox.lock';
const HEARTBEAT_MS = 1000;
/** How long its owner has to show no sign of life. */
const STALE_MS = 5000;

/**
 * Keeps a directory for one process. The owner's file has a random id and is touched every second, so
 * that a dead owner is told from a living one also across containers, where process ids say nothing.
 *
 * Who makes the file that is named after a dead owner, which one can, is the owner from then on. The rest is
 * tidying: a process that is killed in the middle of it is a dead owner as any other.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #path: string;
  readonly #id = randomUUID();
  /** The file that made us the successor of a dead owner. */
  #claim: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Takes the directory, also from an owner that is dead; telling it takes some seconds. `onLost` is called
   * when another process took it, because this one stood still for as long.
   * @throws WebhookConfigurationError where another process has it.
   */
  static async take(directory: string, onLost: (error: unknown) => void): Promise<DirectoryLock> {
    const lock = new DirectoryLock(directory);
    if (!(await lock.#create(lock.#path)) && !(await lock.#takeOver())) {
      throw new WebhookConfigurationError(
        `Another process uses ${directory}. An embedded PostgreSQL takes one process: stop the other one, ` +
          'give this one a directory of its own, or use a PostgreSQL server.',
      );
    }
    await lock.#tidyUp();
    lock.#timer = setInterval(() => void lock.#renew(onLost), HEARTBEAT_MS);
    return lock;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, FILE);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (!(await this.#findOwn())) return;
    await rm(this.#path, { force: true });
    if (this.#claim) await rm(this.#claim, { force: true });
  }

  /** Puts a whole file in place, or finds that there is one. */
  #create(path: string): Promise<boolean> {
    return this.#put((draft) => link(draft, path));
  }

  /** Watches for a sign of life; clocks are not compared, because a volume may have another. */
  async #takeOver(): Promise<boolean> {
    const found = await findOwner(this.#path);
    if (!found) return this.#create(this.#path);
    for (let waitedMs = 0; waitedMs < STALE_MS; waitedMs += HEARTBEAT_MS / 2) {
      await delay(HEARTBEAT_MS / 2);
      const now = await findOwner(this.#path);
      if (!now) return this.#create(this.#path);
      if (now.signOfLife !== found.signOfLife) return false;
    }
    return this.#succeed(found.id);
  }

  /** Of several that find the owner dead, one becomes its successor. */
  async #succeed(dead: string): Promise<boolean> {
    const claim = successorPath(this.#path, dead);
    if (!(await this.#create(claim))) return false;
    if (!(await this.#findOwn())) {
      // Others have come and gone since it was found dead: nobody looks for its successor any more.
      await rm(claim, { force: true });
      return false;
    }
    this.#claim = claim;
    return this.#put((draft) => rename(draft, this.#path));
  }

  /** False where another process has made it pointless: the file is there, or ours was tidied up. */
  async #put(place: (draft: string) => Promise<void>): Promise<boolean> {
    const draft = `${this.#path}.${this.#id}`;
    await writeFile(draft, this.#id);
    try {
      await place(draft);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /**
   * Removes what killed processes have left. Our own claim stays: one that stood still while it took the
   * directory before us may put its file in place of ours even now, and our claim is named after it.
   */
  async #tidyUp(): Promise<void> {
    const kept = [this.#path, this.#claim, successorPath(this.#path, this.#id)];
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (name.startsWith(FILE) && !kept.includes(path)) await rm(path, { force: true });
    }
  }

  async #findOwn(): Promise<DirectoryOwner | undefined> {
    const owner = await findOwner(this.#path);
    return owner?.id === this.#id ? owner : undefined;
  }

  async #renew(onLost: (error: unknown) => void): Promise<void> {
    try {
      const own = await this.#findOwn();
      if (!own) throw new Error(`${this.#path} is another process's now.`);
      await utimes(own.path, new Date(), new Date());
    } catch (error) {
      clearInterval(this.#timer);
      onLost(error);
    }
  }
}
