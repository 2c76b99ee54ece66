import type { Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';

const starting = new WeakMap<INestApplication, Promise<unknown>>();

/** Starts an application that does not listen yet: once, also for several that ask at the same moment. */
export async function ensureListening(app: INestApplication): Promise<void> {
  const server = app.getHttpServer() as Server | undefined;
  if (server?.listening) return;
  const started =
    starting.get(app) ?? app.listen(0, '127.0.0.1').finally(() => starting.delete(app));
  starting.set(app, started);
  await started;
}
