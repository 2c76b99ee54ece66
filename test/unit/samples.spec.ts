import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const samples = fileURLToPath(new URL('../../sample/', import.meta.url));
/** These run a process of another program, and not the sample as its own tests do. */
const PROCESSES = ['demo.spec.ts', 'stripe-listen.spec.ts'];

const specs = readdirSync(samples, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.spec.ts') && !path.includes('/dist/'))
  .filter((path) => !PROCESSES.some((name) => path.endsWith(name)));

it.each(specs)('%s uses the testing kit and is shorter than 60 lines', (path) => {
  const text = readFileSync(`${samples}${path}`, 'utf8');

  expect(text).toMatch(/createWebhookTester|startPlatform/);
  expect(text.trimEnd().split('\n').length).toBeLessThan(60);
});

it('every sample has such a test', () => {
  const tested = new Set(specs.map((path) => path.split('/')[0]));

  expect(readdirSync(samples).filter((sample) => !tested.has(sample))).toEqual([]);
});
