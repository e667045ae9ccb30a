// `npm test`: everything that must hold before a change lands, cheapest first, stopping at the
// first step that fails. Arguments go to vitest: `npm test -- test/pipeline`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installSystemPackages } from './system-packages.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const steps = [
  { name: 'format', run: npmRun('format:check') },
  { name: 'lint', run: npmRun('lint') },
  { name: 'type check', run: npmRun('typecheck') },
  { name: 'build', run: npmRun('build') },
  { name: 'system packages', run: installSystemPackages },
  { name: 'tests', run: npmRun('test:only', process.argv.slice(2)) },
];

for (const [index, { name, run }] of steps.entries()) {
  console.log(`\n=== ${index + 1}/${steps.length} ${name}`);
  const started = performance.now();
  run();
  // The tests' own summary stays the last line: whoever counts tests reads it there.
  if (index === steps.length - 1) break;
  console.log(`=== ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function npmRun(script, args = []) {
  return () => {
    const { status, error } = spawnSync('npm', ['run', '--silent', script, '--', ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (error !== undefined) throw error;
    if (status === 0) return;
    console.error(`\n=== FAILED: ${script}. Alone: npm run ${[script, ...args].join(' ')}`);
    process.exit(status ?? 1);
  };
}
