import { Logger } from '@nestjs/common';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { DRIVERS } from './connections.js';
import { newKey, newRecord } from './records.js';

describe.skipIf(withoutRedis)(`waitReplicas${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start('--repl-diskless-sync-delay', '0')));
  afterAll(async () => {
    Logger.overrideLogger(undefined!);
    await server.stop();
  });

  it.each(Object.entries(DRIVERS))(
    'with %s waits for a replica, and warns once while there is none',
    async (_name, connect) => {
      const logger = new RecordingLogger();
      Logger.overrideLogger(logger);
      const replica = await RealRedis.start('--replicaof', '127.0.0.1', String(server.port));
      const { client, close } = await connect(server);
      onTestFinished(async () => {
        await close();
        await replica.stop();
      });
      await vi.waitFor(
        async () => expect(await server.command('INFO', 'replication')).toContain('state=online'),
        { timeout: 10_000 },
      );
      const store = new RedisTokenStore({
        client,
        prefix: 'p:',
        waitReplicas: { count: 1, timeoutMs: 5_000 },
      });
      const key = newKey();
      const next = newRecord();
      await store.set(key, newRecord());
      expect(await (await store.acquireLease(key, 5_000))!.commit(next)).toBe(true);
      expect(await replica.command('GET', `p:{${key.client}:alice}`)).toContain(next.version);
      expect(logger.warnings).toEqual([]);

      await replica.kill();
      const hasty = new RedisTokenStore({ client, waitReplicas: { count: 1, timeoutMs: 10 } });
      await hasty.set(key, next);
      await hasty.set(key, next);
      expect(await hasty.get(key)).toEqual(next);
      expect(await hasty.delete(key)).toBe(true);
      expect(logger.warnings).toEqual([expect.stringContaining('Only 0 of 1 replicas')]);
    },
  );
});
