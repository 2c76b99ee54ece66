import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import { ROOT } from '../support/compile.js';

jest.setTimeout(60_000);

it('has the generated table of event types as the installed SDK’s types say', () => {
  const script = `
    import { generate } from './scripts/generate-stripe-event-kinds.mjs';
    process.stdout.write(generate());
  `;

  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });

  expect(stdout).toBe(readFileSync(`${ROOT}/src/stripe/event-types/stripe-event-kinds.ts`, 'utf8'));
});
