// The second half of `npm run build`: what `nest build` has emitted, in a dozen files instead of
// hundreds, since every file that Node loads adds a third of a millisecond to an application's
// start. Declarations stay as they are; what two entry points share exists once, in a chunk.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'rolldown';

const root = import.meta.dirname;
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.values(exports).flatMap(({ default: file }) => file ?? []);

export default defineConfig({
  cwd: root,
  input: Object.fromEntries(entries.map((file) => [/^\.\/dist\/(.*)\.js$/.exec(file)[1], file])),
  platform: 'node',
  // Node's own modules and every package: what is ours is imported by its path.
  external: (id, _importer, isResolved) => !isResolved && /^[^./]/.test(id),
  // An import that leads nowhere is no warning; how long a busy machine takes is none, either.
  onLog: (level, log, report) => report(level === 'warn' ? 'error' : level, log),
  checks: { bundlerTimings: false },
  plugins: [{ name: 'replaces-what-it-read', generateBundle: removeEmitted }],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    // Rolldown calls what the root shares with other entry points after the folder of both.
    chunkFileNames: ({ name }) => `chunks/${name === 'dist' ? 'core' : name}.js`,
    // Providers and hooks are known by their classes' names, and so are errors.
    keepNames: true,
    comments: false,
    minify: false,
  },
});

/** All is read, and nothing written yet. */
function removeEmitted() {
  for (const name of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.js')) rmSync(join(root, 'dist', name));
  }
}
