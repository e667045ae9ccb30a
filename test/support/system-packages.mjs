// What some tests need beyond npm. Installed where that is possible (Debian, as root); elsewhere
// the tests that need it skip, by name, and with CI set a skipped test fails the run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const needed = [
  {
    // Debian only recommends the fonts, and without one a page has no text to see.
    aptPackages: ['chromium', 'fonts-liberation'],
    commands: ['chromium', 'chromium-browser'],
    usedBy: 'test/browser',
  },
  {
    aptPackages: ['redis-server'],
    commands: ['redis-server'],
    usedBy: 'test/redis and test/cluster',
  },
];

/** Says what could not be had, and how to get it. Never throws: the other tests are worth running. */
export function installSystemPackages() {
  const missing = needed.filter(({ commands }) => !commands.some(onPath));
  if (missing.length === 0) {
    console.log('all there');
    return;
  }
  const names = missing.flatMap(({ aptPackages }) => aptPackages);
  if (onPath('apt-get') && process.getuid?.() === 0) {
    console.log(`installing ${names.join(', ')}`);
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...names);
  }
  for (const { aptPackages, commands, usedBy } of missing) {
    if (commands.some(onPath)) continue;
    console.warn(
      `WARNING: ${commands[0]} is missing; the tests in ${usedBy} that need it will skip. ` +
        `Get it with: apt-get install ${aptPackages.join(' ')}`,
    );
  }
}

function aptGet(...args) {
  const { status, error, stdout, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  });
  if (status === 0) return;
  console.warn(`apt-get ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
  console.warn(`${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n'));
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder: the answer, not a failure
    }
  });
}
