import { Agent } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { bench, sessionUser } from '../contenders.js';
import type { TokenUser } from '../peers/peers.js';
import { columns, print } from '../report.js';
import { Server } from '../server.js';
import type { Tokens } from '../server.messages.js';
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
  const seconds = 1.3 * Math.max(0.5, scale);
  const server = await Server.start();
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 100 });
  const refresh = { aheadSeconds: 1800, concurrency: 100 };
  const { app, people } = await bench({ baseURL: server.url, httpAgent }, { refresh });
  const steady = sessionUser(people, 'steady');
  await steady.give((await server.issue(1))[0]!, 0);
  const count = Math.round(RENEWALS_PER_SECOND * seconds);
  const others = Array.from({ length: count }, (_, index) => sessionUser(people, `user-${index}`));
  const post = bareTokenRequest(server.url, httpAgent);
  // The same load, renewals or not: all but the ages of their tokens.
  const phase = async (kind: 'without' | 'during' | 'floor'): Promise<Phase> => {
    const tokens = await server.issue(count);
    const age = kind === 'during' ? DUE_SECONDS : 0;
    for (const [index, other] of others.entries()) await other.give(tokens[index]!, age);
    const grants = kind === 'floor' ? await server.issue(count) : [];
    await server.counts();
    const load = await underLoad(steady, others, seconds, async (index) => {
      if (grants[index]) await post(grants[index]);
    });
    return { ...load, tokenRequests: (await server.counts()).tokenRequests };
  };
  const phases = {
    without: [] as Phase[],
    again: [] as Phase[],
    during: [] as Phase[],
    floor: [] as Phase[],
  };
  await phase('without');
  await phase('during');
  for (let round = 0; round < ROUNDS; round += 1) {
    phases.without.push(await phase('without'));
    phases.during.push(await phase('during'));
    phases.again.push(await phase('without'));
    phases.floor.push(await phase('floor'));
  }
  await app.close();
  httpAgent.destroy();
  server.stop();
  return report(phases, seconds);
}

type Phases = Readonly<Record<'without' | 'again' | 'during' | 'floor', readonly Phase[]>>;

function report(phases: Phases, seconds: number): TargetReport {
  const { without, again, during, floor } = phases;
  const over = (other: readonly Phase[]) =>
    spreadOf(other.map(({ p99 }, round) => p99 - without[round]!.p99));
  const rate = spreadOf(during.map(({ tokenRequests }) => tokenRequests / seconds));
  const loopDelay = spreadOf(during.map(({ loopDelayP99 }) => loopDelayP99));
  const [added, noise, least] = [over(during), over(again), over(floor)];
  const failed = Object.values(phases)
    .flat()
    .reduce((sum, one) => sum + one.failed, 0);
  print(
    columns(
      `Renewals ahead of time under load (${ROUNDS} rounds of ${seconds} s; ${CALLS_PER_SECOND + RENEWALS_PER_SECOND} calls a second)`,
      ['', 'p50 of a call, ms', 'p99 of a call, ms', 'over the first', 'event loop p99, ms'],
      (
        [
          ['without renewals', without],
          ['without renewals, once more (the noise)', again],
          [`with ${rate.median.toFixed(0)} renewals a second`, during],
          ['with as many token requests of bare axios', floor],
        ] as const
      ).map(([name, of]) => [
        name,
        spreadOf(of.map(({ p50 }) => p50)).median.toFixed(1),
        spreadOf(of.map(({ p99 }) => p99)).median.toFixed(1),
        over(of).median.toFixed(1),
        spreadOf(of.map(({ loopDelayP99 }) => loopDelayP99)).median.toFixed(1),
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
    figures: { ...phases, added, noise, least },
  };
}

/** What a renewal cannot do without: its HTTP request, made by nothing but axios. */
function bareTokenRequest(baseURL: string, httpAgent: Agent): (tokens: Tokens) => Promise<void> {
  const auth = { username: 'bench', password: 'secret' };
  const http = axios.create({ baseURL, httpAgent, maxRedirects: 0, auth });
  return async ({ refresh_token }) => {
    await http.post('/token', new URLSearchParams({ grant_type: 'refresh_token', refresh_token }));
  };
}

/** An open loop: calls are begun by the clock, answered or not. */
async function underLoad(
  steady: TokenUser,
  others: readonly TokenUser[],
  seconds: number,
  beside: (index: number) => Promise<void>,
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
      under.push(beside(renewed).catch(() => void (failed += 1)));
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
