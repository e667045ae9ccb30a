import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources, type CompiledSources } from '../support/cluster.compiled.js';
import type { StorePlan } from '../support/cluster.messages.js';
import { Replica } from '../support/cluster.replica.js';
import { REPLICA_SOURCES } from '../support/cluster.sources.js';
import { PostgresServer } from '../support/postgres-server.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { TestClock } from '../support/test-clock.js';

const PROCESSES = 8;
const CALLS = 50;
const CYCLES = 50;
const PATIENCE_MS = 180_000;
const AS_IT_HAS_TO_BE = { odd: [], aliveFamilies: 1 };

describe(`${PROCESSES} processes, each with ${CALLS} calls on one expired token`, () => {
  let compiled: CompiledSources;
  let replicas: Replica[];
  beforeAll(() => {
    compiled = compileSources(...REPLICA_SOURCES);
    const entry = compiled.path('test/cluster/replica.process.ts');
    replicas = Array.from({ length: PROCESSES }, () => new Replica(entry));
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.kill()));
    compiled.remove();
  });

  /** {@link CYCLES} expiries: those unlike one token request and nothing but answers, and what is left. */
  async function cycles(store: StorePlan): Promise<{ odd: unknown[]; aliveFamilies: number }> {
    const clock = new TestClock();
    const server = await FakeAuthorizationServer.start({
      rotation: 'strict',
      now: () => clock.now() / 1000,
    });
    const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, apiUrl } = server;
    const endpoints = { authorizationEndpoint, tokenEndpoint, revocationEndpoint, apiUrl };
    const all = <T>(ask: (replica: Replica, index: number) => Promise<T>) =>
      Promise.all(replicas.map(ask));
    const expire = async () => {
      clock.advance(3601);
      await all((replica) => replica.ask('advance', 3601));
    };
    await all((replica, index) => replica.ask('boot', { ...endpoints, store, name: `${index}` }));
    const token = server.issueTokens({ subject: 'alice' });
    await replicas[0]!.ask('connect', { subject: 'alice', token });
    const odd: unknown[] = [];
    for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
      await expire();
      server.journal.clear();
      const answers = await all((replica) =>
        replica.ask('calls', { subject: 'alice', count: CALLS }),
      );
      const failed = answers.filter((came) => came['200'] !== CALLS);
      const requests = server.journal.tokenRequests();
      const isOne = requests.length === 1 && requests[0]!.rotated && !requests[0]!.replay;
      const served = server.journal.apiCalls(200).length;
      if (failed.length > 0 || !isOne || served !== PROCESSES * CALLS) {
        odd.push({ cycle, failed, requests, served });
      }
    }
    const aliveFamilies = server.revokeFamily('alice');
    await all((replica) => replica.ask('close', null));
    await server.stop();
    return { odd, aliveFamilies };
  }

  const SEALED = [
    ['plain', false],
    ['encrypted', true],
  ] as const;

  describe.skipIf(withoutRedis)(`sharing Redis${redisRemark}`, () => {
    let redis: RealRedis;
    beforeAll(async () => void (redis = await RealRedis.start()));
    afterAll(() => redis.stop());

    it.each(SEALED)(
      `make one token request in each of ${CYCLES} cycles, and none fails, with %s records`,
      { timeout: PATIENCE_MS },
      async (_name, encrypted) => {
        await redis.command('FLUSHALL');
        expect(await cycles({ kind: 'redis', url: redis.url, encrypted })).toEqual(AS_IT_HAS_TO_BE);
      },
    );
  });

  describe('sharing Postgres', () => {
    let postgres: PostgresServer;
    beforeAll(async () => void (postgres = await PostgresServer.start()));
    afterAll(() => postgres.close());

    it.each(SEALED)(
      `make one token request in each of ${CYCLES} cycles, and none fails, with %s records`,
      { timeout: PATIENCE_MS },
      async (_name, encrypted) => {
        await postgres.pool().query('DROP TABLE IF EXISTS oauth_client_tokens');
        expect(await cycles({ kind: 'postgres', url: postgres.url, encrypted })).toEqual(
          AS_IT_HAS_TO_BE,
        );
      },
    );
  });
});
