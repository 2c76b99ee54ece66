import { Injectable } from '@nestjs/common';
import type { StackAuthUser } from 'nestjs-webhook-inbox/stack-auth';

/** Asks Stack Auth's server API. */
@Injectable()
export class StackAuthApi {
  /** The user as they are now, or undefined once they are deleted. */
  async getUser(id: string, signal: AbortSignal): Promise<StackAuthUser | undefined> {
    const url = `https://api.stack-auth.com/api/v1/users/${encodeURIComponent(id)}`;
    const headers = {
      'x-stack-access-type': 'server',
      'x-stack-project-id': process.env.STACK_PROJECT_ID!,
      'x-stack-secret-server-key': process.env.STACK_SECRET_SERVER_KEY!,
    };
    const response = await fetch(url, { headers, signal });
    if (response.ok) return (await response.json()) as StackAuthUser;

    // A 404 alone may come from a proxy, or mean that the project is a wrong one: nobody is deleted for that.
    const { code } = (await response.json().catch(() => ({}))) as { code?: string };
    if (response.status === 404 && code === 'USER_NOT_FOUND') return undefined;
    throw new Error(`Stack Auth answered ${response.status}`);
  }
}
