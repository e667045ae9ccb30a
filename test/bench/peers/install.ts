import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs what the benchmark compares with, where it is not there yet; says why it cannot. */
export function installPeers(): string | undefined {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return undefined;
  const { status, error, stderr } = spawnSync('npm', ['ci', '--prefix', folder], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
