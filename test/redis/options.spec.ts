import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ConfigurationError } from 'nestjs-oauth-client';
import {
  RedisAuthorizationRequestStore,
  RedisTokenStore,
  type RedisTokenStoreOptions,
} from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openUrl, OPENERS } from '../../lib/redis/redis.driver.js';
import { failure } from '../support/failure.js';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';

const url = 'redis://user:pass-word@127.0.0.1:1';

describe('the options of the Redis stores', () => {
  it.each<[string, object, string]>([
    ['nothing', {}, '{ client } or { url }'],
    ['both a client and a url', { url, client: {} }, '{ client } or { url }'],
    ['another address', { url: 'http://user:pass-word@127.0.0.1' }, 'redis://host:port'],
    ['no address', { url: 'user:pass-word' }, 'redis://host:port'],
    ['an unknown client', { client: { get: () => undefined } }, 'createCluster()'],
    ['no client', { client: null }, 'createCluster()'],
    ['a prefix with a brace', { url, prefix: '{a}' }, 'prefix without { and }'],
    ['no life', { url, refreshExpiresInSeconds: 0 }, 'Pass seconds'],
    ['a life without an end', { url, refreshExpiresInSeconds: Infinity }, 'Pass seconds'],
    ['no replicas', { url, waitReplicas: { count: 0, timeoutMs: 1 } }, '{ count, timeoutMs }'],
    [
      'replicas for ever',
      { url, waitReplicas: { count: 1, timeoutMs: 0 } },
      '{ count, timeoutMs }',
    ],
  ])('refuse %s', async (_what, options, remedy) => {
    const error = await failure(
      () => new RedisTokenStore(options as RedisTokenStoreOptions),
      ConfigurationError,
    );
    expect(error.message).toContain(remedy);
    expect(error.message).not.toContain('pass-word');
  });

  it('are refused by the store of authorization requests, too', () => {
    expect(() => new RedisAuthorizationRequestStore({ url: 'redis' })).toThrow(ConfigurationError);
  });

  it('connect nowhere before the first use', async () => {
    const store = new RedisTokenStore({ url });
    await store.close();
  });
});

describe('the driver for a url', () => {
  const missing = async () => {
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  };

  it('says what to install when there is none', async () => {
    const error = await failure(openUrl(url, [missing, missing]), ConfigurationError);
    expect(error.message).toBe(
      'Neither "ioredis" nor "redis" is installed, one of which a Redis store needs. ' +
        'Run npm install ioredis.',
    );
  });

  it('is not looked for any further when the first one is broken', async () => {
    const broken = async () => {
      throw new TypeError('broken');
    };
    await failure(openUrl(url, [broken, OPENERS[1]!]), TypeError);
  });

  it('is not loaded before it is needed', async () => {
    const index = new URL('../../lib/redis/index.ts', import.meta.url).href;
    const script = `
      const { RedisTokenStore } = await import(${JSON.stringify(index)});
      new RedisTokenStore({ url: 'redis://127.0.0.1' });
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(loaded.filter((file) => /node_modules.(ioredis|redis|@redis)./.test(file)).length);`;
    const typescript = fileURLToPath(new URL('../support/typescript.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--import', typescript, '--input-type=module', '--eval', script],
    ]);
    expect(stdout.trim()).toBe('0');
  });
});

describe.skipIf(withoutRedis)(`a connection that is made from a url${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start('--requirepass', 'pass-word')));
  afterAll(() => server.stop());

  it.each([
    ['ioredis', OPENERS],
    ['redis, where ioredis is missing', OPENERS.slice(1)],
  ])('by %s logs in, fails soon while the server is down, and recovers', async (_name, openers) => {
    const link = await openUrl(`redis://:pass-word@127.0.0.1:${server.port}/3`, openers);
    onTestFinished(() => link.end());
    expect(await link.send('key', 'SET', ['key', 'value'])).toBe('OK');
    expect(await link.send('key', 'CLIENT', ['INFO'])).toContain(' db=3 ');

    await server.kill();
    const startedAt = performance.now();
    await failure(link.send('key', 'GET', ['key']), Error);
    expect(performance.now() - startedAt).toBeLessThan(5_000);

    await server.again();
    await vi.waitFor(() => link.send('key', 'GET', ['key']), { timeout: 10_000, interval: 20 });
    expect(await link.send('key', 'GET', ['key'])).toBeNull();
  });
});
