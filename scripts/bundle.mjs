// Brings the ES modules that tsc made together: an import of the package then loads a few files, not
// one for each file of the source.
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  cwd: root,
  input: entries(),
  external: (id) => !id.startsWith('.') && !isAbsolute(id), // peers and Node's own
  platform: 'neutral', // for browsers, the default, NODE_ENV is replaced
  treeshake: false,
  plugins: [{ name: 'source-maps-of-tsc', load: withSourceMap }],
  output: {
    dir: 'dist/esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    keepNames: true, // Nest names classes in its errors
    minify: false, // by default it removes what it takes for dead code
    minifyInternalExports: false,
    sourcemap: true,
  },
});

/** Each ES module that package.json names: `stripe/index` is `build/esm/stripe/index.js`. */
function entries() {
  const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = JSON.stringify([exports, bin]).matchAll(/"\.\/dist\/esm\/([^"]+)\.js"/g);
  return Object.fromEntries([...paths].map(([, name]) => [name, `./build/esm/${name}.js`]));
}

/** So that stacks lead to the lines in TypeScript. */
function withSourceMap(path) {
  return { code: readFileSync(path, 'utf8'), map: readFileSync(`${path}.map`, 'utf8') };
}
