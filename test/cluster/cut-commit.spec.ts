import { setTimeout as pause } from 'node:timers/promises';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey, newRecord } from '../redis/records.js';
import { Wire } from '../support/cluster.wire.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';

/** A holder whose commit is answered by nobody has to know before its lease of 5 s ends. */
const SOON_MS = 4_000;

describe.skipIf(withoutRedis)(`a commit during which Redis is cut off${redisRemark}`, () => {
  let redis: RealRedis;
  let wire: Wire;
  beforeAll(async () => {
    redis = await RealRedis.start();
    wire = await Wire.to(redis.port);
  });
  afterAll(async () => {
    await wire.close();
    await redis.stop();
  });

  // redis.driver.ts: ioredis keeps commands that were sent for a new connection, whatever
  // maxRetriesPerRequest says, so that only the 10 s of BoundedTokenStore end the wait.
  it('fails before the lease ends, so that it is made again in time', async () => {
    const store = new RedisTokenStore({ url: wire.through(redis.url) });
    const key = newKey();
    const next = newRecord();
    await store.set(key, newRecord());
    const lease = await store.acquireLease(key, 5_000);
    wire.hold('requests');
    const committed = lease!.commit(next).then(
      () => 'committed',
      () => 'failed',
    );
    await wire.saw(next.version);
    wire.cut();
    const came = await Promise.race([committed, pause(SOON_MS, 'still waiting')]);
    wire.restore();
    await store.close();
    expect(came).toBe('failed');
  });
});
