import { readdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { startProcess } from './processes/start-process.js';
import { testDirectory } from './test-directory.js';

// The first start of an embedded PostgreSQL makes its files, which takes seconds.
const SLOW_MS = 60_000;

describe('an embedded PostgreSQL', () => {
  it(
    'keeps its events, and says at the start what they survive',
    async () => {
      const embedded = await testDirectory();
      const engine = postgresEngine({ embedded });
      const lines: string[] = [];
      const log = { info: (line: string) => void lines.push(line), error: () => undefined };
      const event = webhookEvent();
      await engine.start({ clock: systemClock, log });
      await engine.accept([arrival(event, 'a')]);
      await engine.stop();

      await engine.start({ clock: systemClock, log });

      await engine.consume(async () => SUCCEEDED, { concurrency: 1 });
      expect((await engine.attempted(event))?.deliveries).toMatchObject([{ status: 'succeeded' }]);
      expect(engine.capabilities).toMatchObject({ survives: 'crash' });
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain('not a power cut');
      await engine.stop();
      expect(await readdir(embedded)).toEqual(['postgres', 'webhook-inbox.lock.2']);
    },
    SLOW_MS,
  );

  it(
    'refuses a second process, and is taken over when the first was killed, with what that had stored',
    async () => {
      const embedded = await testDirectory();
      const first = startProcess([embedded]);
      await first.says('started');

      const refused = await startProcess([embedded]).says('refused');

      expect(refused).toContain(`Another process uses ${embedded}`);
      first.tell('accept evt_kept');
      await first.says('accepted');
      await first.kill();
      const second = startProcess([embedded]);
      await second.says('started');
      second.tell('consume');
      expect(await second.says('running')).toBe('evt_kept 1');
    },
    SLOW_MS,
  );

  it(
    'is given to one of several that find its owner dead',
    async () => {
      const embedded = await testDirectory();
      const first = startProcess([embedded]);
      await first.says('started');
      await first.kill();
      const heirs = [startProcess([embedded]), startProcess([embedded])];

      const outcomes = await Promise.all(heirs.map((heir) => heir.saysAny('started', 'refused')));

      expect(outcomes.sort()).toEqual(['refused', 'started']);
    },
    SLOW_MS,
  );

  it('does not start in production unless it is allowed to', async () => {
    const embedded = await testDirectory();
    const environment = { NODE_ENV: 'production' };

    const refused = await startProcess([embedded], environment).says('refused');

    expect(refused).toContain('allowInProduction: true');
    expect(await readdir(embedded)).toEqual([]);
  });
});
