import { Injectable } from '@nestjs/common';
import type { StackAuthUser } from 'nestjs-webhook-inbox/stack-auth';

/** Stands for your database. */
@Injectable()
export class UserStore {
  readonly users = new Map<string, StackAuthUser>();
  readonly #lastReplacements = new Map<string, Promise<void>>();

  /**
   * Puts what `read` gives in the place of the user, or removes them when it gives undefined. Of one user
   * it is done once at a time, so that what was read earlier is not written later. In a database: a
   * transaction that holds a lock on the id, an upsert, and a delete.
   */
  async replace(id: string, read: () => Promise<StackAuthUser | undefined>): Promise<void> {
    const replacement = (this.#lastReplacements.get(id) ?? Promise.resolve())
      .catch(() => {}) // The one before has told its own caller.
      .then(async () => {
        const user = await read();
        if (user) this.users.set(id, user);
        else this.users.delete(id);
      });
    this.#lastReplacements.set(id, replacement);
    await replacement;
  }
}
