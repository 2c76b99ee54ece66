// Writes which object each of Stripe's events is about, as the types of the installed SDK say.
// The SDK has these lists as types only, and TypeScript 7 has no API: so the compiler is made to print them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const generatedFile = join(root, 'src/stripe/event-types/stripe-event-kinds.ts');

const PROBE = `
import type Stripe from 'stripe';

type KindOf<Data> = Data extends { object: infer Kind } ? Kind : '';
type RelatedTo<N> = N extends { fetchRelatedObject(): Promise<infer Related> } ? Related : never;

declare const snapshots: { [E in Stripe.Event as E['type']]: KindOf<E['data']['object']> };
declare const notifications: {
  [N in Stripe.V2.Core.EventNotification as N['type']]:
    [RelatedTo<N>] extends [never] ? '' : KindOf<RelatedTo<N>>
};
export const first: never = snapshots;
export const second: never = notifications;
`;

/** The text of the generated file, formatted. */
export function generate() {
  const folder = mkdtempSync(join(root, 'node_modules', '.stripe-event-kinds-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'probe.ts'), PROBE);
    const [snapshots, notifications] = printedTypes(join(folder, 'probe.ts'));
    return format(fileText(snapshots, notifications));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function printedTypes(probe) {
  const options =
    '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2022';
  const { stdout } = node('typescript/bin/tsc', [
    probe,
    ...options.split(' '),
    ...['--noErrorTruncation', '--pretty', 'false'],
  ]);
  const types = stdout.match(/(?<=Type '\{ ).*(?= \}' is not assignable to type 'never')/g);
  if (types?.length !== 2) throw new Error(`The compiler printed something else:\n${stdout}`);
  return types.map((type) =>
    [...type.matchAll(/"([^"]+)": ([^;]+);/g)].map(([, name, kinds]) => [
      name,
      kinds.replaceAll('"', ''),
    ]),
  );
}

function fileText(snapshots, notifications) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/stripe/package.json')));
  return `// Written by \`npm run generate\` from the types of stripe ${version}. Do not edit.

type Kinds = Readonly<Record<string, string>>;

/** Each type of snapshot event, with the \`object\` of what it is about: one, or several of which it is one. */
export const SNAPSHOT_KINDS: Kinds = {${entries(snapshots)}};

/** Each type of event notification, with the same; empty where it is about no object. */
export const NOTIFICATION_KINDS: Kinds = {${entries(notifications)}};
`;
}

function entries(kinds) {
  return kinds.map(([name, kind]) => `${JSON.stringify(name)}: ${JSON.stringify(kind)},`).join('');
}

function format(text) {
  return node('prettier/bin/prettier.cjs', ['--stdin-filepath', generatedFile], text).stdout;
}

function node(script, args, input) {
  return spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    encoding: 'utf8',
    input,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(generatedFile, generate());
