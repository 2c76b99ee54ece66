import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { SUCCEEDED } from '../contract/engine-bench.js';
import { startProcess } from './processes/start-process.js';
import { silentNetwork } from './silent-network.js';
import { createTestSchema } from './test-schema.js';

const SHUTDOWN_TIMEOUT_MS = 1000;
/** The last moment of a shutdown is half a second; the machine may be slow. */
const LATEST_MS = SHUTDOWN_TIMEOUT_MS + 5000;

describe.each(['own', 'given'])('an application with %s pool that is closed', (whose) => {
  it('ends while the database is away, and another process runs what it could not keep', async () => {
    const { pool, schema } = createTestSchema();
    const network = await silentNetwork();
    const survivor = postgresEngine({ pool, schema });
    await survivor.start({ clock: systemClock });
    const closing = startProcess(
      [schema, whose, String(SHUTDOWN_TIMEOUT_MS)],
      { POSTGRES_URL: network.connectionString },
      'closing.mjs',
    );
    await closing.says('started');
    const events = ['done', 'told', 'stuck'].map((id) => ({ source: 'stripe', id }));
    for (const { id } of events) {
      closing.tell(`receive ${id}`);
      await closing.says('running');
    }
    await survivor.attempted(events[0]!);

    network.silenceAll();
    closing.tell('finish');
    closing.tell('close');

    const { tookMs, warnings, errors } = JSON.parse(await closing.says('closed'));
    expect(tookMs).toBeLessThan(LATEST_MS);
    expect(await closing.ended).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/still run after 1000 ms: 1\. .*aborted/)]);
    expect(errors).toEqual([
      expect.stringMatching(/^Outcomes .* had not taken when the inbox stopped: 1\. .*run again/),
    ]);
    const runs: string[] = [];
    await survivor.consume(
      async ({ event, attempt }) => {
        runs.push(`${event.id} attempt ${attempt}`);
        return SUCCEEDED;
      },
      { concurrency: 4 },
    );
    const stored = await Promise.all(events.map((event) => survivor.attempted(event)));
    expect(stored.map((event) => event?.deliveries[0]?.status)).toEqual(
      events.map(() => 'succeeded'),
    );
    expect(runs.sort()).toEqual(['stuck attempt 2', 'told attempt 2']);
    await survivor.stop();
  }, 60_000);
});
