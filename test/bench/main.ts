import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPeers } from './peers/install.js';
import { libraries } from './peers/libraries.js';
import { print, verdicts } from './report.js';
import { bursts } from './targets/bursts.js';
import { hotPath } from './targets/hot-path.js';
import { memory } from './targets/memory.js';
import { processes } from './targets/processes.js';
import { renewals } from './targets/renewals.js';
import { startUp } from './targets/start-up.js';
import { steadyState } from './targets/steady-state.js';
import { verdictOf, type TargetReport, type Verdict } from './verdict.js';

// `npm run bench`: what a session costs, against bare axios and against others, and whether that is
// what it may cost. `-- --quick` for a first impression, `-- --only 1,3` for some of the targets,
// `-- --json figures.json` for where the figures go.
const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'string' } },
});
const scale = values.quick === true ? 0.15 : 1;
const file = values.json ?? join(tmpdir(), 'nestjs-oauth-client-bench.json');
const wanted = values.only?.split(',').map(Number);

const problem = installPeers();
if (problem !== undefined) print(`The peers are left out, npm cannot install them: ${problem}`);
const peers = problem === undefined ? await libraries() : undefined;

// The slowest hundredth first: later on it would have to wait for what others have left behind.
const targets: [number, () => Promise<TargetReport>][] = [
  [7, () => renewals(scale)],
  [1, () => hotPath(scale)],
  [2, () => steadyState(scale, peers)],
  [3, () => bursts(scale, peers)],
  [4, () => processes(scale)],
  [5, () => memory(scale)],
  [6, () => startUp(scale)],
];

const startedAt = performance.now();
const load = { before: loadavg()[0] ?? 0, after: 0 };
print(
  `Node ${process.version}, ${availableParallelism()} cores, load ${load.before.toFixed(1)}: ` +
    'medians, in brackets the middle half of the rounds',
);
const reports: TargetReport[] = [];
for (const [target, measure] of targets) {
  if (wanted && !wanted.includes(target)) continue;
  const report = await measure();
  reports.push(report);
  print(verdicts(report));
}
load.after = loadavg()[0] ?? 0;
const seconds = (performance.now() - startedAt) / 1000;
const { node } = process.versions;
writeFileSync(file, JSON.stringify({ node, load, seconds, reports }, null, 2));
print(`\n${seconds.toFixed(0)} s, load ${load.after.toFixed(1)} at the end; all figures: ${file}`);
print(`Targets ${(['met', 'missed', 'not decided'] as const).map(list).join('; ')}`);

function list(verdict: Verdict): string {
  const these = reports.filter(({ checks }) => verdictOf(checks) === verdict);
  const numbers = these.map(({ target }) => target).sort((a, b) => a - b);
  return `${verdict}: ${numbers.join(', ') || 'none'}`;
}
