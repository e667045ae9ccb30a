import { Agent } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { bench, sessionUser } from '../contenders.js';
import type { TokenUser } from '../peers/peers.js';
import { columns, print } from '../report.js';
import { Server } from '../server.js';
import { quantile, spreadOf } from '../statistics.js';
import { check, noiseOf, type TargetReport } from '../verdict.js';

const ROUNDS = 9;
const RENEWALS_PER_SECOND = 500;
const CALLS_PER_SECOND = 500;
const TICK_MS = 4;
/** Of a token that lives an hour: so old that each is renewed when it is used, and still valid. */
const DUE_SECONDS = 3000;

interface Phase {
  /** Of calls with a valid token, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** How long the event loop was kept from its work, in milliseconds. */
  readonly loopDelayP99: number;
  readonly tokenRequests: number;
  readonly failed: number;
}

/** Target 7: what calls feel of renewals that go on beside them. */
export async function renewals(scale: number): Promise<TargetReport> {
  const seconds = 1.6 * Math.max(0.5, scale);
  const server = await Server.start();
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 100 });
  const refresh = { aheadSeconds: 1800, concurrency: 100 };
  const { app, people } = await bench({ baseURL: server.url, httpAgent }, { refresh });
  const steady = sessionUser(people, 'steady');
  await steady.give((await server.issue(1))[0]!, 0);
  const count = Math.round(RENEWALS_PER_SECOND * seconds);
  const others = Array.from({ length: count }, (_, index) => sessionUser(people, `user-${index}`));
  // The same load, renewals or not: all but the ages of their tokens.
  const phase = async (ageSeconds: number): Promise<Phase> => {
    const tokens = await server.issue(count);
    for (const [index, other] of others.entries()) await other.give(tokens[index]!, ageSeconds);
    await server.counts();
    const load = await underLoad(steady, others, seconds);
    return { ...load, tokenRequests: (await server.counts()).tokenRequests };
  };
  const without: Phase[] = [];
  const again: Phase[] = [];
  const during: Phase[] = [];
  await phase(0);
  await phase(DUE_SECONDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    without.push(await phase(0));
    during.push(await phase(DUE_SECONDS));
    again.push(await phase(0));
  }
  await app.close();
  httpAgent.destroy();
  server.stop();
  const over = (phases: readonly Phase[]) =>
    spreadOf(phases.map(({ p99 }, round) => p99 - without[round]!.p99));
  const rate = spreadOf(during.map(({ tokenRequests }) => tokenRequests / seconds));
  const loopDelay = spreadOf(during.map(({ loopDelayP99 }) => loopDelayP99));
  const [added, noise] = [over(during), over(again)];
  const failed = [...without, ...during, ...again].reduce((sum, one) => sum + one.failed, 0);
  print(
    columns(
      `Renewals ahead of time under load (${ROUNDS} rounds of ${seconds} s; ${CALLS_PER_SECOND + RENEWALS_PER_SECOND} calls a second)`,
      ['', 'p50 of a call, ms', 'p99 of a call, ms', 'event loop p99, ms'],
      (
        [
          ['without renewals', without],
          ['without renewals, once more (the noise)', again],
          [`with ${rate.median.toFixed(0)} renewals a second`, during],
        ] as const
      ).map(([name, phases]) => [
        name,
        ...(['p50', 'p99', 'loopDelayP99'] as const).map((figure) =>
          spreadOf(phases.map((one) => one[figure])).median.toFixed(1),
        ),
      ]),
    ),
  );
  return {
    target: 7,
    title: 'calls during renewals',
    checks: [
      check('renewals a second', rate.median, 'at least', RENEWALS_PER_SECOND * 0.98),
      check('failed calls', failed, 'exactly', 0),
      check('p99 over the same load without renewals', added.median, 'at most', 1, {
        unit: 'ms',
        noise: noiseOf(noise, 0),
      }),
      check('event-loop delay, p99', loopDelay.median, 'at most', 20, { unit: 'ms' }),
    ],
    figures: { without, again, during, added, noise },
  };
}

/** An open loop: calls are begun by the clock, answered or not. */
async function underLoad(
  steady: TokenUser,
  others: readonly TokenUser[],
  seconds: number,
): Promise<Omit<Phase, 'tokenRequests'>> {
  const latencies: number[] = [];
  let failed = 0;
  const under: Promise<void>[] = [];
  const begin = (user: TokenUser, measure: boolean) => {
    const startedAt = performance.now();
    under.push(
      user.call().then(
        () => void (measure && latencies.push(performance.now() - startedAt)),
        () => void (failed += 1),
      ),
    );
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  let [calls, renewed] = [0, 0];
  while (renewed < others.length) {
    const elapsed = Math.min(seconds, (performance.now() - startedAt) / 1000);
    while (calls < elapsed * CALLS_PER_SECOND) {
      begin(steady, true);
      calls += 1;
    }
    while (renewed < Math.min(others.length, elapsed * RENEWALS_PER_SECOND)) {
      begin(others[renewed]!, false);
      renewed += 1;
    }
    await sleep(TICK_MS);
  }
  await Promise.all(under);
  delay.disable();
  // Renewals in the background may go on for a little longer.
  await sleep(150);
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    loopDelayP99: delay.percentile(99) / 1e6,
    failed,
  };
}
