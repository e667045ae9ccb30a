import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's own folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the tests read of `package.json`. */
export interface Manifest {
  name: string;
  version: string;
  files: string[];
  exports: Record<string, string | Record<string, string>>;
  scripts: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** `package.json` as it stands. */
export function manifest(): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
}

/** Throws, with the remedy, where a test needs the built package and there is none. */
export function requireDist(): void {
  if (existsSync(join(root, 'dist', 'index.js'))) return;
  throw new Error('dist/index.js is missing: run "npm run build" first ("npm test" does).');
}
