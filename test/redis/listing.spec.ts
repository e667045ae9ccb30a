import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisKeys } from '../../lib/redis/redis.keys.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';

const COUNT = 30_000;
const REMAINING = 300;

describe.skipIf(withoutRedis)(`a listing of keys${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  it('names each once, and all that stay, while the server shrinks its table', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const keys = new RedisKeys('oauth:');
    const names = Array.from({ length: COUNT }, (_, index) =>
      keys.record({ client: 'client', subject: `user-${index}` }),
    );
    for (let from = 0; from < COUNT; from += 1_000) {
      await Promise.all(names.slice(from, from + 1_000).map((name) => client.set(name, '{}')));
    }
    const store = new RedisTokenStore({ client });
    const listed: string[] = [];
    for await (const { subject } of store.keys({ client: 'client' })) {
      listed.push(subject);
      if (listed.length === 12_000) await client.del(names.slice(REMAINING));
    }
    client.destroy();
    expect(new Set(listed).size).toBe(listed.length);
    const there = new Set(listed);
    const missed = Array.from({ length: REMAINING }, (_, index) => `user-${index}`).filter(
      (subject) => !there.has(subject),
    );
    expect(missed).toEqual([]);
  });
});
