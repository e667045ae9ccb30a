import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealRedis, RealRedisCluster, redisRemark, withoutRedis } from '../support/redis-server.js';
import { CLUSTER_DRIVERS, DRIVERS, type Connection } from './connections.js';

describe.skipIf(withoutRedis)(`one Redis${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  afterAll(() => server.stop());

  describe.each(Object.entries(DRIVERS))('with %s', (name, connect) => {
    let connection: Connection;
    beforeAll(async () => void (connection = await connect(server)));
    afterAll(() => connection.close());

    describeTokenStore(
      `RedisTokenStore with ${name}`,
      () => new RedisTokenStore({ client: connection.client }),
      { describe, it },
    );

    it('leaves a connection open that was handed in', () => expect(connection.isOpen()).toBe(true));
  });

  describeTokenStore('RedisTokenStore with a url', () => new RedisTokenStore({ url: server.url }), {
    describe,
    it,
  });
});

describe.skipIf(withoutRedis)(`a Redis Cluster${redisRemark}`, () => {
  let cluster: RealRedisCluster;
  beforeAll(async () => void (cluster = await RealRedisCluster.start()));
  afterAll(() => cluster.stop());

  describe.each(Object.entries(CLUSTER_DRIVERS))('with %s', (name, connect) => {
    let connection: Connection;
    beforeAll(async () => void (connection = await connect(cluster)));
    afterAll(() => connection.close());

    describeTokenStore(
      `RedisTokenStore with ${name}`,
      () => new RedisTokenStore({ client: connection.client }),
      { describe, it },
    );

    it('leaves a connection open that was handed in', () => expect(connection.isOpen()).toBe(true));
  });
});
