import { afterEach } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import type { WebhookEngine } from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { createTestSchema, testPool } from './test-schema.js';

export interface TwoEngines {
  readonly engines: readonly [WebhookEngine, WebhookEngine];
  readonly schema: string;
}

const started: WebhookEngine[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
});

/** Two engines on one database, as two processes have them; they are stopped after the test. */
export async function startTwoEngines({ pool = testPool() } = {}): Promise<TwoEngines> {
  const options = { ...createTestSchema(), pool };
  const engines = [postgresEngine(options), postgresEngine(options)] as const;
  for (const engine of engines) await engine.start({ clock: systemClock });
  started.push(...engines);
  return { engines, schema: options.schema };
}
