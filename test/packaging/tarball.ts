import { join } from 'node:path';
import { run } from './commands.js';
import { requireDist, root } from './repository.js';

/** A file in the packed package. */
export interface PackedFile {
  path: string;
  size: number;
}

/** The package as `npm publish` would send it, packed into `folder` from the `dist` that is there. */
export async function pack(folder: string): Promise<{ tarball: string; files: PackedFile[] }> {
  requireDist();
  // Without scripts: `prepack` would build again, under the feet of tests that read `dist`.
  const args = [
    'pack',
    '--ignore-scripts',
    '--json',
    '--loglevel=error',
    '--pack-destination',
    folder,
  ];
  const answer: unknown = JSON.parse(await run('npm', args, { cwd: root }));
  const [packed] = Object.values(
    answer as Record<string, { filename: string; files: PackedFile[] }>,
  );
  if (packed === undefined) throw new Error('npm pack packed nothing.');
  return { tarball: join(folder, packed.filename), files: packed.files };
}
