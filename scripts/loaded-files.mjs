// Which files are loaded with a module, in a process of its own.
import { execFileSync } from 'node:child_process';

const PRINT_LOADED = `
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    writeSync(1, url + '\\n');
    return next(url, context);
  }`;

/** URLs of what `import` of a module loads, in the order in which it does. */
export function filesImportedBy(specifier, cwd) {
  const hooks = `data:text/javascript,${encodeURIComponent(PRINT_LOADED)}`;
  return run(
    `import { register } from 'node:module';
     register(${JSON.stringify(hooks)});
     await import(${JSON.stringify(specifier)});`,
    ['--input-type=module'],
    cwd,
  );
}

/** Paths of what `require` of a file loads. */
export function filesRequiredBy(path, cwd) {
  return run(
    `require(${JSON.stringify(path)});
     for (const file of Object.keys(require.cache)) console.log(file);`,
    ['--input-type=commonjs'],
    cwd,
  );
}

function run(script, flags, cwd) {
  const args = ['--no-warnings', ...flags, '--eval', script];
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}
