// Tells Node which module format each half of the build has.
import { writeFileSync } from 'node:fs';

for (const [folder, type] of [
  ['esm', 'module'],
  ['cjs', 'commonjs'],
]) {
  writeFileSync(
    new URL(`../dist/${folder}/package.json`, import.meta.url),
    `${JSON.stringify({ type })}\n`,
  );
}
