import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

// The ES modules of the last build are brought together into few files; the CommonJS half is as tsc made it.

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist/esm');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');

/** Of functions and classes the name that stacks and Nest's errors show; of all else the type. */
const PRINT_NAMES = `
  const names = Object.entries(entry).map(([key, value]) => [key, value?.name ?? typeof value]);
  process.stdout.write(JSON.stringify(names.sort()));`;

describe.each(entries)('the entry point %s', (entry) => {
  it('exports the same by the same names in both halves', () => {
    const asModule = run(`const entry = await import('${specifierOf(entry)}'); ${PRINT_NAMES}`);
    const path = manifest.exports[entry].require.default;
    const asCommonJs = run(`const entry = (await import('${path}')).default; ${PRINT_NAMES}`);

    expect(JSON.parse(asModule)).toEqual(JSON.parse(asCommonJs));
  });
});

it('has no file of the source twice, so that a class is the same one in every entry point', () => {
  const sources = builtFiles('.js.map').flatMap((path) => sourcesOf(path));

  expect(sources).toContain('src/errors/webhooks.error.ts');
  expect(sources.toSorted()).toEqual([...new Set(sources)].toSorted());
});

it('keeps a statement that is there only for what it throws', () => {
  const code = builtFiles('.js').map((path) => readFileSync(join(built, path), 'utf8'));

  expect(code.join('\n')).toContain('void (thrown instanceof Error);');
});

it('leads from a stack to the line in TypeScript', () => {
  const file = 'src/errors/retry-after.error.ts';
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const line = 1 + lines.findIndex((text) => text.includes('throw new RangeError('));

  const stack = run(
    `const { RetryAfterError } = await import('${specifierOf('.')}');
     try { new RetryAfterError(NaN); } catch (error) { process.stdout.write(error.stack); }`,
    { flags: ['--enable-source-maps'] },
  );

  expect(stack).toContain(`${file}:${line}:`);
});

it('reads NODE_ENV where it runs, not where it was built', () => {
  // A file, so that no database is made where this fails.
  const code = run(
    `const { postgresEngine } = await import('${specifierOf('./postgres')}');
     const engine = postgresEngine({ embedded: 'package.json' });
     await engine.start({}).catch((error) => process.stdout.write(error.code));`,
    { env: { NODE_ENV: 'production' } },
  );

  expect(code).toBe('configuration_invalid');
});

function specifierOf(entry: string): string {
  return entry.replace('.', manifest.name);
}

function builtFiles(suffix: string): string[] {
  const paths = readdirSync(built, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith(suffix));
}

/** Paths from the root, as the source maps of a bundle name them. */
function sourcesOf(path: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(built, path), 'utf8'));
  return sources.map((source: string) => relative(root, resolve(built, path, '..', source)));
}

/** What a script prints, in a process of its own. */
function run(script: string, { flags = [] as string[], env = {} } = {}): string {
  const args = [...flags, '--input-type=module', '--eval', `import 'reflect-metadata'; ${script}`];
  return execFileSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}
