import { Agent } from 'node:http';
import { setGlobalDispatcherConnections } from '../fetch-connections.js';
import { bench, sessionUser } from '../contenders.js';
import type { Libraries } from '../peers/libraries.js';
import { peers, type TokenUser } from '../peers/peers.js';
import { columns, print } from '../report.js';
import { TOKEN_DELAY_MS } from '../resource.js';
import { Server } from '../server.js';
import type { Counts } from '../server.messages.js';
import { spreadOf, type Spread } from '../statistics.js';
import { check, noiseOf, type Check, type TargetReport } from '../verdict.js';

const ROUNDS = 9;
const SPREAD_MS = 300;
const EXPIRED_SECONDS = 7200;

/** How a burst begins. */
type Kind = 'valid' | 'expired' | '401s at once' | '401s over 300 ms';

/** What came of some bursts of one kind. */
interface Burst {
  readonly name: string;
  readonly calls: number;
  readonly kind: Kind;
  readonly milliseconds: Spread;
  /** The most token requests that one of them took. */
  readonly tokenRequests: number;
  readonly reused: number;
  readonly failed: number;
}

interface Outcome extends Counts {
  readonly milliseconds: number;
  readonly failed: number;
}

/** Target 3: many calls at once when the token has ended, or is refused. */
export async function bursts(
  scale: number,
  libraries: Libraries | undefined,
): Promise<TargetReport> {
  const server = await Server.start();
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 100 });
  const reach = { baseURL: server.url, httpAgent };
  const { app, people, config } = await bench(reach);
  const session = sessionUser(people, 'user-1');
  const others = libraries ? peers(libraries, server.url, config) : [];
  await setGlobalDispatcherConnections(server.url, 100);
  const quiet = silenced();
  const kinds: Kind[] = ['valid', 'expired', '401s at once', '401s over 300 ms'];
  const few = await run(server, [session, ...others], 100, kinds, ROUNDS);
  const many = Math.round(10_000 * Math.min(1, scale * 2));
  const rest = await run(server, [session], many, ['valid', 'expired'], ROUNDS);
  quiet();
  await app.close();
  httpAgent.destroy();
  server.stop();
  const all = [...few, ...rest];
  print(
    columns(
      'Bursts: milliseconds to the last answer; the most token requests, reuses and failed calls',
      ['', 'calls', 'token', 'ms', 'token requests', 'reuses', 'failed'],
      all.map(({ name, calls, kind, milliseconds, ...counts }) => [
        name,
        String(calls),
        kind,
        `${milliseconds.median.toFixed(0)} [${milliseconds.q1.toFixed(0)} … ${milliseconds.q3.toFixed(0)}]`,
        ...[counts.tokenRequests, counts.reused, counts.failed].map(String),
      ]),
    ),
  );
  return {
    target: 3,
    title: 'bursts on an expired or refused token',
    checks: checksOf(all.filter(({ name }) => name === session.name)),
    figures: all,
  };
}

function checksOf(own: readonly Burst[]): Check[] {
  const checks: Check[] = [];
  for (const { calls, kind, ...came } of own) {
    if (kind === 'valid') continue;
    const what = `${calls} calls, ${kind}`;
    checks.push(
      check(`${what}: token requests`, came.tokenRequests, 'exactly', 1),
      check(`${what}: failed`, came.failed, 'exactly', 0),
    );
    if (kind !== 'expired') continue;
    const valid = own.find((burst) => burst.calls === calls && burst.kind === 'valid')!;
    const limit = TOKEN_DELAY_MS + 1.3 * valid.milliseconds.median;
    const noise = noiseOf(valid.milliseconds, valid.milliseconds.median);
    const median = came.milliseconds.median;
    checks.push(check(`${what}: time`, median, 'at most', limit, { unit: 'ms', noise }));
  }
  return checks;
}

async function run(
  server: Server,
  users: readonly TokenUser[],
  calls: number,
  kinds: readonly Kind[],
  times: number,
): Promise<Burst[]> {
  const outcomes = new Map<string, Outcome[]>();
  // The first round is not counted: everything is compiled and connected by then.
  for (let round = 0; round <= times; round += 1) {
    for (const kind of kinds) {
      for (const user of users) {
        const outcome = await burst(server, user, kind, calls);
        const key = `${user.name}|${kind}`;
        if (round > 0) outcomes.set(key, [...(outcomes.get(key) ?? []), outcome]);
      }
    }
  }
  return users.flatMap(({ name }) =>
    kinds.map((kind) => {
      const came = outcomes.get(`${name}|${kind}`)!;
      return {
        name,
        calls,
        kind,
        milliseconds: spreadOf(came.map(({ milliseconds }) => milliseconds)),
        tokenRequests: Math.max(...came.map(({ tokenRequests }) => tokenRequests)),
        reused: Math.max(...came.map(({ reused }) => reused)),
        failed: Math.max(...came.map(({ failed }) => failed)),
      };
    }),
  );
}

async function burst(server: Server, user: TokenUser, kind: Kind, calls: number): Promise<Outcome> {
  const [tokens] = await server.issue(1);
  await user.give(tokens!, kind === 'expired' ? EXPIRED_SECONDS : 0);
  if (kind !== 'valid') await server.tell({ name: 'endAccess' });
  await server.tell({ name: 'spread', milliseconds: kind === '401s over 300 ms' ? SPREAD_MS : 0 });
  await server.counts();
  const startedAt = performance.now();
  const settled = await Promise.allSettled(Array.from({ length: calls }, () => user.call()));
  const milliseconds = performance.now() - startedAt;
  const failed = settled.filter(({ status }) => status === 'rejected').length;
  return { ...(await server.counts()), milliseconds, failed };
}

/** Some peers write to the console what the table says. */
function silenced(): () => void {
  const { warn } = console;
  console.warn = () => undefined;
  return () => {
    console.warn = warn;
  };
}
