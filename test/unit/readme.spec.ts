import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { markdownBlocks } from '../support/markdown-blocks.js';

const readme = read('README.md');
const blocks = markdownBlocks(readme, 'ts');

const QUICK_START = ['app.module.ts', 'billing.service.ts', 'subscription.store.ts'];

it.each([...QUICK_START, 'billing.service.spec.ts'])('shows the sample’s %s as it is', (file) => {
  expect(blocks).toContain(read(`sample/01-first-webhook/${file}`));
});

it('has a quick start of fewer than 40 lines of code', () => {
  const lines = blocks.slice(0, QUICK_START.length).join('').split('\n');

  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThan(40);
});

describe.each([
  ['src/endpoints/endpoint-options.interface.ts', 'secrets, path, toleranceSeconds'],
  ['src/stripe/stripe-endpoint-options.interface.ts', 'scope, livemode, client'],
  ['src/standard-webhooks/standard-webhooks-options.interface.ts', 'typePath'],
  ['src/inbox/webhook-inbox.options.ts', 'engine, concurrency'],
  ['src/handlers/webhook-subscription.interface.ts', 'id, timeoutMs'],
  ['src/handlers/webhook-reply.interface.ts', 'deadlineMs'],
  ['src/stripe/on-stripe-event.decorator.ts', 'scope, livemode'],
  ['src/inbox/memory/memory-engine.options.ts', 'maxEvents, maxAgeMs'],
  ['src/postgres/postgres-engine.options.ts', 'schema, acceptTimeoutMs'],
])('the option tables, compared with %s (%s, …)', (file) => {
  it('have every documented default as it is in the source', () => {
    const defaults = documentedDefaults(read(file));

    const missing = defaults.filter(
      ([name, value]) => !rows().some((row) => row.option === name && row.value === value),
    );

    expect(defaults).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});

/** Each option that has an `@default`, with it. */
function documentedDefaults(source: string): [option: string, value: string][] {
  const pattern = /@default ([^\n]*)\n\s*\*\/\n\s*readonly (\w+)\?/g;
  return [...source.matchAll(pattern)].map(([, value, name]) => [name!, plain(value!)]);
}

function rows(): { option: string; value: string }[] {
  return readme.split('\n').flatMap((line) => {
    const [, option, value] = line.split('|').map((cell) => plain(cell.trim()));
    return option && value ? [{ option: option.replace(/^retry\./, ''), value }] : [];
  });
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
