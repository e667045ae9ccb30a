import { Logger } from '@nestjs/common';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { CLUSTER_DRIVERS, DRIVERS } from './connections.js';
import { newKey } from './records.js';

describe.skipIf(withoutRedis)(`the warning of eviction${redisRemark}`, () => {
  let server: RealRedis;
  let cluster: RealRedisCluster;
  let logger: RecordingLogger;
  beforeAll(async () => {
    server = await RealRedis.start();
    cluster = await RealRedisCluster.start();
  });
  beforeEach(() => {
    logger = new RecordingLogger();
    Logger.overrideLogger(logger);
  });
  afterAll(async () => {
    Logger.overrideLogger(undefined!);
    await server.stop();
    await cluster.stop();
  });

  /** What is warned of until the store has been asked, and so its server. */
  async function warnings(
    of: RealRedis | RealRedisCluster,
    driver: keyof typeof DRIVERS,
  ): Promise<string[]> {
    const { client, close } = await (of instanceof RealRedis
      ? DRIVERS[driver](of)
      : CLUSTER_DRIVERS[driver](of));
    onTestFinished(async () => void (await close()));
    const store = new RedisTokenStore({ client });
    for (let count = 0; count < 20; count += 1) await store.get(newKey());
    return logger.warnings;
  }

  const drivers = Object.keys(DRIVERS) as (keyof typeof DRIVERS)[];

  describe.each(drivers)('with %s', (driver) => {
    it('is not given for noeviction', async () => {
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      expect(await warnings(server, driver)).toEqual([]);
    });

    it('is given once for a policy that drops anything', async () => {
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      await vi.waitFor(async () => expect(await warnings(server, driver)).not.toEqual([]));
      expect(logger.warnings).toEqual([
        expect.stringMatching(/"allkeys-lru".*any grant.*noeviction/),
      ]);
    });

    it('names what a volatile policy drops', async () => {
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
      await vi.waitFor(async () => expect(await warnings(server, driver)).not.toEqual([]));
      expect(logger.warnings[0]).toMatch(/"volatile-ttl".*whose end is known/);
    });

    it('is given where CONFIG is forbidden, and not where INFO is, too', async () => {
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
      await server.command('ACL', 'SETUSER', 'default', '-config');
      try {
        await vi.waitFor(async () => expect(await warnings(server, driver)).not.toEqual([]));
        expect(logger.warnings[0]).toContain('"allkeys-lfu"');
        logger.warnings.splice(0);
        await server.command('ACL', 'SETUSER', 'default', '-info');
        expect(await warnings(server, driver)).toEqual([]);
      } finally {
        await server.command('ACL', 'SETUSER', 'default', '+@all');
      }
    });

    it('is given when one node of a cluster would drop anything', async () => {
      const node = cluster.nodes[1]!;
      await node.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
      await vi.waitFor(async () => expect(await warnings(cluster, driver)).not.toEqual([]));
      expect(logger.warnings[0]).toContain('"allkeys-random"');
      await node.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    });
  });
});
