import { Injectable } from '@nestjs/common';
import { WebhookContext } from 'nestjs-webhook-inbox';
import { OnStackAuthEvent } from 'nestjs-webhook-inbox/stack-auth';
import type { StackAuthEventFor } from 'nestjs-webhook-inbox/stack-auth';
import { StackAuthApi } from './stack-auth.api.js';
import { UserStore } from './user.store.js';

/**
 * Keeps a copy of Stack Auth's users. An event says which user has changed, and not when: its body has no
 * time, and `svix-timestamp` is the time of the attempt, so that an old event that is sent again looks
 * newer than the ones after it. So the present state is asked for. Then it does not matter in which order
 * events come and how often, and a deleted user does not come back. The lane keeps two events of one user
 * apart, so that what was read earlier is not written later.
 */
@Injectable()
export class UserMirrorService {
  constructor(
    private readonly stackAuth: StackAuthApi,
    private readonly users: UserStore,
  ) {}

  @OnStackAuthEvent('user.*', { lane: ({ data }) => data.id })
  async refresh({ data }: StackAuthEventFor<'user.*'>, { signal }: WebhookContext): Promise<void> {
    const user = await this.stackAuth.getUser(data.id, signal);
    if (user) await this.users.put(user);
    else await this.users.remove(data.id);
  }
}
