import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { StackAuthUser } from 'nestjs-webhook-inbox/stack-auth';
import { stackAuthEvent } from 'nestjs-webhook-inbox/testing';
import { UserStore } from './user.store.js';

const before = stackAuthEvent('user.created', { id: 'user_1', display_name: 'Ada' }).data;
const after = stackAuthEvent('user.created', { id: 'user_1', display_name: 'Ada Lovelace' }).data;

it('never writes what was read before the last change', async () => {
  const store = new UserStore();
  let answerSlowly = (_user: StackAuthUser): void => {};
  const slowly = new Promise<StackAuthUser>((resolve) => (answerSlowly = resolve));

  const first = store.replace('user_1', () => slowly);
  const second = store.replace('user_1', async () => after);
  await setImmediate(); // Time for the second to overtake.
  answerSlowly(before);
  await Promise.all([first, second]);

  expect(store.users.get('user_1')).toBe(after);
});

it('replaces a user after an attempt that failed', async () => {
  const store = new UserStore();
  const failing = store.replace('user_1', () => Promise.reject(new Error('Stack Auth is down')));

  await expect(failing).rejects.toThrow('Stack Auth is down');
  await store.replace('user_1', async () => after);

  expect(store.users.get('user_1')).toBe(after);
});
