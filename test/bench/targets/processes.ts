import { compileSources } from '../../support/cluster.compiled.js';
import type { StorePlan } from '../../support/cluster.messages.js';
import { Replica } from '../../support/cluster.replica.js';
import { REPLICA_SOURCES } from '../../support/cluster.sources.js';
import { PostgresServer } from '../../support/postgres-server.js';
import { RealRedis, redisRemark, withoutRedis } from '../../support/redis-server.js';
import { columns, print } from '../report.js';
import { TOKEN_DELAY_MS } from '../resource.js';
import { Server } from '../server.js';
import { spreadOf, type Spread } from '../statistics.js';
import { check, noiseOf, type Check, type TargetReport } from '../verdict.js';

const RUNS = 10;
const SIZES = [
  { processes: 4, calls: 25 },
  { processes: 8, calls: 100 },
] as const;
/** More than a token lives. */
const EXPIRED_SECONDS = 3601;
const SUBJECT = 'alice';

interface Outcome {
  readonly store: string;
  readonly processes: number;
  readonly calls: number;
  readonly valid: Spread;
  readonly expired: Spread;
  /** The most that one run took. */
  readonly tokenRequests: number;
  readonly failed: number;
}

/** Target 4: processes that share a store, each with many calls on the same expired token. */
export async function processes(scale: number): Promise<TargetReport> {
  const runs = Math.max(3, Math.round(RUNS * Math.min(1, scale * 2)));
  const compiled = compileSources(...REPLICA_SOURCES);
  const entry = compiled.path('test/cluster/replica.process.ts');
  const replicas = Array.from({ length: 8 }, () => new Replica(entry));
  const server = await Server.start();
  const outcomes: Outcome[] = [];
  const measure = async (store: StorePlan) => {
    for (const size of SIZES) {
      const some = replicas.slice(0, size.processes);
      outcomes.push(await outcome(server, some, store, size.calls, runs));
    }
  };
  if (withoutRedis) print(`\nRedis${redisRemark}`);
  else {
    const redis = await RealRedis.start();
    await measure({ kind: 'redis', url: redis.url, encrypted: false });
    await redis.stop();
  }
  const postgres = await PostgresServer.start();
  await measure({ kind: 'postgres', url: postgres.url, encrypted: false });
  await postgres.close();
  await Promise.all(replicas.map((replica) => replica.kill()));
  server.stop();
  compiled.remove();
  print(
    columns(
      `Processes that share a store, ${runs} runs each: milliseconds to the last answer`,
      ['', 'valid token', 'expired token', 'token requests', 'failed'],
      outcomes.map(({ store, processes, calls, valid, expired, tokenRequests, failed }) => [
        `${store}, ${processes} × ${calls}`,
        ...[valid, expired].map(
          ({ median, q1, q3 }) => `${median.toFixed(0)} [${q1.toFixed(0)} … ${q3.toFixed(0)}]`,
        ),
        String(tokenRequests),
        String(failed),
      ]),
    ),
  );
  return {
    target: 4,
    title: 'one renewal for all processes',
    checks: outcomes.flatMap(checksOf),
    figures: outcomes,
  };
}

function checksOf(outcome: Outcome): Check[] {
  const { store, processes, calls, valid, expired, tokenRequests, failed } = outcome;
  const what = `${store}, ${processes} × ${calls}`;
  const limit = valid.median + 3 * TOKEN_DELAY_MS;
  const noise = noiseOf(valid, valid.median);
  return [
    check(`${what}: token requests`, tokenRequests, 'exactly', 1),
    check(`${what}: failed`, failed, 'exactly', 0),
    check(`${what}: time`, expired.median, 'at most', limit, { unit: 'ms', noise }),
  ];
}

async function outcome(
  server: Server,
  replicas: readonly Replica[],
  store: StorePlan,
  calls: number,
  runs: number,
): Promise<Outcome> {
  const all = <T>(ask: (replica: Replica, index: number) => Promise<T>) =>
    Promise.all(replicas.map(ask));
  const { url } = server;
  const endpoints = {
    authorizationEndpoint: `${url}/authorize`,
    tokenEndpoint: `${url}/token`,
    revocationEndpoint: `${url}/revoke`,
    apiUrl: url,
  };
  await all((replica, index) => replica.ask('boot', { ...endpoints, store, name: `${index}` }));
  const [token] = await server.issue(1);
  await replicas[0]!.ask('connect', { subject: SUBJECT, token: { ...token!, scope: '' } });
  const burst = async () => {
    const startedAt = performance.now();
    const came = await all((replica) => replica.ask('calls', { subject: SUBJECT, count: calls }));
    const milliseconds = performance.now() - startedAt;
    const failed = came.reduce((sum, statuses) => sum + calls - (statuses['200'] ?? 0), 0);
    return { milliseconds, failed, ...(await server.counts()) };
  };
  await burst();
  const valid: number[] = [];
  const expired: number[] = [];
  let tokenRequests = 0;
  let failed = 0;
  for (let run = 0; run < runs; run += 1) {
    const before = await burst();
    await all((replica) => replica.ask('advance', EXPIRED_SECONDS));
    const after = await burst();
    valid.push(before.milliseconds);
    expired.push(after.milliseconds);
    tokenRequests = Math.max(tokenRequests, after.tokenRequests);
    failed += before.failed + after.failed;
  }
  await all((replica) => replica.ask('close', null));
  return {
    store: store.kind,
    processes: replicas.length,
    calls,
    valid: spreadOf(valid),
    expired: spreadOf(expired),
    tokenRequests,
    failed,
  };
}
