import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { markdownBlocks } from '../support/markdown-blocks.js';

// Every `ts` block of the README and of docs/ is a module of its own, beside the first sample's files.

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the documentation uses of a package that is not installed here. */
const NEST_CONFIG = `
declare module '@nestjs/config' {
  export class ConfigModule {}
  export class ConfigService {
    get<T>(name: string): T | undefined;
    getOrThrow<T>(name: string): T;
  }
}
`;

jest.setTimeout(60_000);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-docs-'));
  cpSync(join(root, 'sample/01-first-webhook'), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('dist'),
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await write('package.json', JSON.stringify({ type: 'module' }));
  await write('nest-config.d.ts', NEST_CONFIG);
  await write('tsconfig.json', JSON.stringify(tsconfig()));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('has only code that compiles in the README and in docs/', async () => {
  for (const [name, code] of documentedModules()) await write(name, code);

  expect(await compile()).toBe('');
});

it('notices code that does not compile', async () => {
  const wrong = "import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';\n";
  await write('wrong.ts', `${wrong}StripeWebhooksModule.forRoot({ secret: 'whsec_test' });\n`);

  const output = await compile();
  await rm(join(folder, 'wrong.ts'));

  expect(output).toContain("'secret' does not exist");
});

function documentedModules(): [name: string, code: string][] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)].flatMap((file) =>
    markdownBlocks(readFileSync(join(root, file), 'utf8'), 'ts').map(
      (code, index): [string, string] => [`${file.replaceAll(/\W/g, '-')}-${index + 1}.ts`, code],
    ),
  );
}

function tsconfig(): object {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: '/',
      moduleDetection: 'force',
      declaration: false,
      paths: {
        'nestjs-webhook-inbox': [join(root, 'src/index.ts')],
        'nestjs-webhook-inbox/*': [join(root, 'src/*/index.ts')],
      },
    },
    include: [folder],
    exclude: ['node_modules'],
  };
}

/** What the compiler says; nothing when it is content. */
async function compile(): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

function write(name: string, text: string): Promise<void> {
  return writeFile(join(folder, name), text);
}
