import { Injectable } from '@nestjs/common';
import type { StackAuthUser } from 'nestjs-webhook-inbox/stack-auth';

/** Stands for your database. */
@Injectable()
export class UserStore {
  readonly users = new Map<string, StackAuthUser>();

  async put(user: StackAuthUser): Promise<void> {
    this.users.set(user.id, user);
  }

  async remove(id: string): Promise<void> {
    this.users.delete(id);
  }
}
