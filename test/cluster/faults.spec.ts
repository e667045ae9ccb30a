import { randomInt } from 'node:crypto';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources, type CompiledSources } from '../support/cluster.compiled.js';
import type { StorePlan } from '../support/cluster.messages.js';
import { REPLICA_SOURCES } from '../support/cluster.sources.js';
import { PostgresServer } from '../support/postgres-server.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { Lane } from './faults.lane.js';
import { planFaults, type Batch } from './faults.plan.js';
import { table, type Result } from './faults.verdict.js';

/** Repeats a run that was printed; CI always makes the same one, so that a change is judged alone. */
const SEED = Number(
  process.env['FAULT_SEED'] ?? (process.env['CI'] ? 20_261_121 : randomInt(2 ** 31)),
);
const RENEWALS = Number(process.env['FAULT_RENEWALS'] ?? 504);
/** Longer than all of them take where much else runs. */
const PATIENCE_MS = 900_000;
/** Pairs of replicas at work at the same time, half of them on each kind of store. */
const LANES = 6;

describe.skipIf(withoutRedis)(`faults in the middle of renewals${redisRemark}`, () => {
  let redis: RealRedis;
  let postgres: PostgresServer;
  let server: FakeAuthorizationServer;
  let compiled: CompiledSources;
  let lanes: Lane[];
  beforeAll(async () => {
    compiled = compileSources(...REPLICA_SOURCES);
    [redis, postgres, server] = await Promise.all([
      RealRedis.start(),
      PostgresServer.start(),
      FakeAuthorizationServer.start({ rotation: 'strict', separateApi: true }),
    ]);
    const entry = compiled.path('test/cluster/replica.process.ts');
    lanes = Array.from({ length: LANES }, (_, index) => {
      const kind = index % 2 === 0 ? 'redis' : 'postgres';
      const url = kind === 'redis' ? redis.url : postgres.url;
      const store: StorePlan = { kind, url, encrypted: index % 4 >= 2 };
      return new Lane({ name: `lane ${index + 1}`, entry, store, server });
    });
  });
  afterAll(async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
    await Promise.all([redis.stop(), postgres.close(), server.stop()]);
    compiled.remove();
  });

  /** What is not as it has to be. */
  const unexpected = (found: readonly Result[]) =>
    found.flatMap(({ verdict }) => (verdict.kind === 'unexpected' ? [verdict.why] : []));

  async function runAll(batches: readonly Batch[]): Promise<Result[]> {
    const work = lanes.map(async (lane, index) => {
      const found: Result[] = [];
      for (const batch of batches.filter((_, at) => at % LANES === index)) {
        found.push(...(await lane.run(batch)));
      }
      return found;
    });
    return (await Promise.all(work)).flat();
  }

  it(
    'lose only grants whose rotated token reached nobody who lived to store it, and say so',
    { timeout: PATIENCE_MS },
    async () => {
      const results = await runAll(planFaults(SEED, RENEWALS, false));
      print('A server that accepts a refresh token once', results);
      expect(unexpected(results).join('\n')).toBe('');
      expect(results.length).toBeGreaterThanOrEqual(RENEWALS);
    },
  );

  it(
    'lose none where the server accepts a spent refresh token again for a while',
    { timeout: PATIENCE_MS },
    async () => {
      server.configure({ rotationGraceSeconds: 60 });
      const found = await runAll(planFaults(SEED, RENEWALS / 6, true));
      print('A server with a grace period of 60 s', found);
      expect(unexpected(found).join('\n')).toBe('');
    },
  );
});

function print(title: string, results: readonly Result[]): void {
  const what = `${title}, FAULT_SEED=${SEED}, ${results.length} renewals:`;
  process.stdout.write(`\n${what}\n${table(results)}\n`);
}
