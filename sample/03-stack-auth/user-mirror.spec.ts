import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { StackAuthUser } from 'nestjs-webhook-inbox/stack-auth';
import { createWebhookTester, stackAuthEvent } from 'nestjs-webhook-inbox/testing';
import { StackAuthApi } from './stack-auth.api.js';
import { UserStore } from './user.store.js';

process.env.STACK_WEBHOOK_SECRET = 'whsec_dGhlIHNlY3JldCBvZiB0aGUgc2FtcGxl';
// Imported here because it reads the secret when it is loaded.
const { AppModule } = await import('./app.module.js');

/** What Stack Auth has. */
const real = new Map<string, StackAuthUser>();
const created = stackAuthEvent('user.created', { id: 'user_1', display_name: 'Ada' });
const updated = stackAuthEvent('user.updated', { id: 'user_1', display_name: 'Ada Lovelace' });
const deleted = stackAuthEvent('user.deleted', { id: 'user_1' });
let app: INestApplication;
let mirrored: UserStore['users'];

beforeEach(async () => {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(StackAuthApi)
    .useValue({ getUser: async (id: string) => real.get(id) })
    .compile();
  app = moduleRef.createNestApplication(new FastifyAdapter(), { logger: false });
  mirrored = app.get(UserStore).users;
});

afterEach(() => app.close());

it.each([
  ['as they were sent', [created, updated]],
  ['in the other order', [updated, created]],
  ['each twice', [created, created, updated, updated]],
])('has the user as they are now, when the events come %s', async (_how, events) => {
  real.set('user_1', updated.data);

  for (const event of events) await createWebhookTester(app).stackAuth().send(event);

  expect([...mirrored.values()]).toEqual([updated.data]);
});

it('does not bring back a deleted user for an update that comes late', async () => {
  mirrored.set('user_1', created.data);
  real.delete('user_1');

  const answers = await Promise.all(
    [deleted, updated].map((event) => createWebhookTester(app).stackAuth().send(event)),
  );

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(mirrored.size).toBe(0);
});
