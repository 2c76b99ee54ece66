import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { filesImportedBy, filesRequiredBy } from '../../scripts/loaded-files.mjs';

// On the last build, in processes of their own.

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');

/** What an application may do without, or has no reason to have. */
const OPTIONAL = [
  ...Object.keys(manifest.peerDependenciesMeta),
  'svix',
  'standardwebhooks',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/testing',
  'typescript',
];

/** The source has about 360 files, and each that is loaded by itself takes half a millisecond. */
const MOST_OWN_FILES = 20;

it('knows what is optional', () => {
  expect(OPTIONAL).toEqual(expect.arrayContaining(['stripe', 'pg', 'pg-boss', 'svix']));
});

it('sees a package that is loaded', () => {
  expect(packagesOf(filesImportedBy('stripe', root))).toContain('stripe');
  expect(packagesOf(filesRequiredBy('stripe', root))).toContain('stripe');
});

describe.each(entries)('the entry point %s', (entry) => {
  it('is imported without loading an optional package', () => {
    const files = filesImportedBy(entry.replace('.', manifest.name), root);

    expect(ownFiles(files, 'esm')).not.toEqual([]);
    expect(packagesOf(files).filter((name) => OPTIONAL.includes(name))).toEqual([]);
  });

  it('is imported with few files of its own', () => {
    const files = filesImportedBy(entry.replace('.', manifest.name), root);

    expect(ownFiles(files, 'esm').length).toBeLessThanOrEqual(MOST_OWN_FILES);
  });

  it('is required without loading an optional package', () => {
    const files = filesRequiredBy(manifest.exports[entry].require.default, root);

    expect(ownFiles(files, 'cjs')).not.toEqual([]);
    expect(packagesOf(files).filter((name) => OPTIONAL.includes(name))).toEqual([]);
  });
});

function ownFiles(files: readonly string[], format: string): string[] {
  return files.filter((file) => file.includes(`${root}dist/${format}/`));
}

function packagesOf(files: readonly string[]): string[] {
  const names = files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}
