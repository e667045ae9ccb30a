// For `npm start` and `npm run bench`: builds only where a source is newer than what is built.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const changedAt = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('lib', name))
  .concat('lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json')
  .concat('rolldown.config.mjs');

// Folders count, too: a source that was removed or renamed changes the one it was in. The folder
// of chunks is what a build writes last.
if (Math.max(...sources.map(changedAt)) >= changedAt(join('dist', 'chunks'))) {
  const { status, error } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
}
