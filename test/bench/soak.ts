import 'reflect-metadata';
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { bench, sessionUser } from './contenders.js';
import type { TokenUser } from './peers/peers.js';
import { print, verdicts } from './report.js';
import { Server } from './server.js';
import { quantile } from './statistics.js';
import { check, verdictOf } from './verdict.js';

// `npm run soak`: target 8, ten minutes of calls by a thousand users whose tokens live two seconds.
// `-- --minutes 2` for a shorter one.
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
const SUBJECTS = 1_000;
const TOKEN_SECONDS = 2;
const SHARE_OF_RATE = 0.6;
const IN_FLIGHT = 32;
const MEASURING_MS = 5_000;
const TICK_MS = 5;
const MEGABYTE = 1024 * 1024;
const { gc } = globalThis;
if (!gc || !(minutes > 0)) throw new Error('Run it by `npm run soak`, with minutes above 0.');

const server = await Server.start();
const httpAgent = new Agent({ keepAlive: true, maxSockets: 100 });
const { app, people } = await bench(
  { baseURL: server.url, httpAgent },
  { refresh: { concurrency: 100 } },
);
const users = Array.from({ length: SUBJECTS }, (_, index) => sessionUser(people, `user-${index}`));
const rate = Math.round((await steadyRate(users[0]!)) * SHARE_OF_RATE);
await server.tell({ name: 'lifetime', seconds: TOKEN_SECONDS });
const tokens = await server.issue(SUBJECTS);
for (const [index, user] of users.entries()) await user.give(tokens[index]!, 0);
await server.counts();
print(
  `${minutes} minutes, ${rate} calls a second of ${SUBJECTS} users, tokens of ${TOKEN_SECONDS} s`,
);

const calls = { begun: 0, answered: 0, failed: 0, underWay: 0, most: 0 };
const reasons = new Map<string, number>();
const latencies: number[] = [0];
const heaps: { minute: number; megabytes: number }[] = [];
const startedAt = performance.now();
const elapsedMinutes = () => (performance.now() - startedAt) / 60_000;
/** About as many samples as make a line, whatever the time; the first tenth is for warming up. */
const sampleEvery = Math.min(0.5, minutes / 10);
let nextSample = Math.max(sampleEvery, minutes / 10);
let lateAt = performance.now();
while (elapsedMinutes() < minutes) {
  // An open loop: calls are begun by the clock, answered or not.
  const now = performance.now();
  const due = Math.round(((now - lateAt) / 1000) * rate);
  for (let index = 0; index < due; index += 1) begin(users[(calls.begun += 1) % SUBJECTS]!);
  lateAt += (due / rate) * 1000;
  if (elapsedMinutes() >= nextSample) {
    nextSample += sampleEvery;
    sample();
    lateAt = performance.now();
  }
  await sleep(TICK_MS);
}
while (calls.underWay > 0) await sleep(TICK_MS);
const { tokenRequests, reused } = await server.counts();
await app.close();
httpAgent.destroy();
server.stop();

const checks = [
  check('failed calls', calls.failed, 'exactly', 0),
  check('refresh tokens sent twice', reused, 'exactly', 0),
  check('heap after garbage collection', slope(), 'at most', 0.2, {
    unit: 'MB a minute',
    noise: 0,
  }),
];
for (const [reason, count] of reasons) print(`${count} × ${reason}`);
const p99 = quantile(latencies, 0.99).toFixed(0);
print(
  `${calls.begun} calls, ${tokenRequests} token requests, at most ${calls.most} under way, p99 of the last ${latencies.length} calls ${p99} ms`,
);
print(verdicts({ target: 8, title: 'soak', checks, figures: heaps }));
print(`\nTarget 8: ${verdictOf(checks)}`);

function begin(user: TokenUser): void {
  calls.underWay += 1;
  calls.most = Math.max(calls.most, calls.underWay);
  const begunAt = performance.now();
  user.call().then(
    () => {
      calls.underWay -= 1;
      latencies[(calls.answered += 1) % 10_000] = performance.now() - begunAt;
    },
    (error: unknown) => {
      calls.underWay -= 1;
      calls.failed += 1;
      const { name, message, code } = error as Partial<Error & { code: string }>;
      const reason = [name, code, message].join(' ');
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
  );
}

function sample(): void {
  gc!();
  const minute = elapsedMinutes();
  const megabytes = process.memoryUsage().heapUsed / MEGABYTE;
  heaps.push({ minute, megabytes });
  print(
    `${minute.toFixed(1)} min: heap ${megabytes.toFixed(2)} MB, ${calls.begun} calls, ${calls.failed} failed, ${calls.underWay} under way`,
  );
}

/** By least squares, in MB a minute. */
function slope(): number {
  const mean = (of: (one: (typeof heaps)[number]) => number) =>
    heaps.reduce((sum, one) => sum + of(one), 0) / heaps.length;
  const [middle, level] = [mean(({ minute }) => minute), mean(({ megabytes }) => megabytes)];
  const covariance = mean((one) => (one.minute - middle) * (one.megabytes - level));
  return covariance / mean(({ minute }) => (minute - middle) ** 2);
}

/** Calls a second with a valid token, as target 2 measures them. */
async function steadyRate(user: TokenUser): Promise<number> {
  await user.give((await server.issue(1))[0]!, 0);
  let answered = 0;
  const countFor = async (milliseconds: number) => {
    answered = 0;
    const end = performance.now() + milliseconds;
    const worker = async () => {
      for (; performance.now() < end; answered += 1) await user.call();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  };
  await countFor(MEASURING_MS / 2);
  await countFor(MEASURING_MS);
  return (answered * 1000) / MEASURING_MS;
}
