import { subscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createWebhookTester, stackAuthEvent } from 'nestjs-webhook-inbox/testing';
import { StackAuthApi } from './stack-auth.api.js';
import { UserStore } from './user.store.js';

process.env.STACK_WEBHOOK_SECRET = 'whsec_dGhlIHNlY3JldCBvZiB0aGUgc2FtcGxl';
// Imported here because it reads the secret when it is loaded.
const { AppModule } = await import('./app.module.js');

const created = stackAuthEvent('user.created', { id: 'user_1', display_name: 'Ada' });
const updated = stackAuthEvent('user.updated', { id: 'user_1', display_name: 'Ada Lovelace' });
const deleted = stackAuthEvent('user.deleted', { id: 'user_1' });
const getUser = jest.fn<StackAuthApi['getUser']>();
let app: INestApplication;
let mirrored: UserStore['users'];

beforeEach(async () => {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(StackAuthApi)
    .useValue({ getUser: getUser.mockReset() })
    .compile();
  app = moduleRef.createNestApplication(new FastifyAdapter(), { logger: false });
  mirrored = app.get(UserStore).users;
});

afterEach(() => app.close());

it.each([
  ['as they were sent', [created, updated], updated.data],
  ['in the other order', [updated, created], updated.data],
  ['each twice', [created, created, updated, updated], updated.data],
  ['late, for a user who is gone', [deleted, updated], undefined],
])('has the user as they are now, when the events come %s', async (_how, events, now) => {
  mirrored.set('user_1', created.data);
  getUser.mockImplementation(async () => now);

  for (const event of events) await createWebhookTester(app).stackAuth().send(event);

  expect(mirrored.get('user_1')).toBe(now);
});

it('does not write late what it read early', async () => {
  const bothHaveCome = new Promise<void>((resolve) => {
    let count = 0;
    subscribe('nestjs-webhook-inbox:event.stored', () => ++count === 2 && resolve());
  });
  getUser.mockImplementationOnce(() => bothHaveCome.then(setImmediate).then(() => created.data));
  getUser.mockResolvedValue(updated.data);

  const tester = createWebhookTester(app).stackAuth();
  await Promise.all([tester.send(created), tester.send(updated)]);

  expect(mirrored.get('user_1')).toBe(updated.data);
});
