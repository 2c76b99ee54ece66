import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { POSTGRES_URL } from './test-schema.js';

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a start without a database', () => {
  it('says that nobody answers, and what to look at', async () => {
    const connectionString = `postgres://postgres@127.0.0.1:${await closedPort()}/postgres`;

    const started = postgresEngine({ connectionString }).start({ clock: systemClock });

    await expect(started).rejects.toThrow(WebhookConfigurationError);
    await expect(started).rejects.toThrow(/cannot reach its database: connect ECONNREFUSED.*pool/);
  });

  it('says that the server has no such database', async () => {
    const url = new URL(POSTGRES_URL);
    url.pathname = '/nowhere';

    const started = postgresEngine({ connectionString: url.href }).start({ clock: systemClock });

    await expect(started).rejects.toThrow(/cannot reach its database: .*"nowhere" does not exist/);
  });
});
