import { PATH, TOKEN } from '../resource.js';
import { RealRedis, redisRemark, withoutRedis } from '../../support/redis-server.js';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { firstValueFrom } from 'rxjs';
import { compare, noise, row, type Comparison } from '../comparison.js';
import { bench, field } from '../contenders.js';
import { print, table } from '../report.js';
import { stubAdapter } from '../stub-adapter.js';
import { stubHttp } from '../stub-http.js';
import { check, type Check, type TargetReport } from '../verdict.js';

const LIMITS = {
  'session.axiosRef.get': 2,
  'session.for(…).axiosRef.get': 2,
  'session.get': 6,
  'session.for(…).get': 7,
};
const BASE_URL = 'http://127.0.0.1:9';
const CALLS = 10_000;

/** Target 1: what a call costs where nothing is sent, and what it asks of a store. */
export async function hotPath(scale: number): Promise<TargetReport> {
  const pace = { batch: 40, inFlight: 1, seconds: 10 * scale };
  const restore = stubHttp();
  const below = await field({ baseURL: BASE_URL });
  const belowAdapter = await compare(
    "Stub below axios' HTTP adapter",
    'stub',
    below.contenders,
    pace,
  );
  await below.app.close();
  restore();
  print(table(belowAdapter));
  const instead = await field({ baseURL: BASE_URL, adapter: stubAdapter });
  const asAdapter = await compare('Stub in place of the adapter', 'stub', instead.contenders, pace);
  await instead.app.close();
  print(table(asAdapter));
  const commands = await commandsAtRedis();
  const checks = [
    ...checksOf(asAdapter, 'stub adapter'),
    ...checksOf(belowAdapter, 'stub transport'),
  ];
  if (commands !== undefined) {
    checks.push(check(`commands at Redis in ${CALLS} calls`, commands, 'exactly', 0));
  }
  return {
    target: 1,
    title: 'what a call costs in process',
    checks,
    figures: { belowAdapter, asAdapter, commands },
  };
}

function checksOf(comparison: Comparison, where: string): Check[] {
  return Object.entries(LIMITS).map(([name, limit]) =>
    check(`${name} over axios, ${where}`, row(comparison, name).added.median, 'at most', limit, {
      unit: 'µs',
      noise: noise(comparison, 'added'),
    }),
  );
}

/** As Redis itself counts them, of 100 users whose tokens it keeps. */
async function commandsAtRedis(): Promise<number | undefined> {
  if (withoutRedis) {
    print(`\nRedis${redisRemark}`);
    return undefined;
  }
  const redis = await RealRedis.start();
  const store = new RedisTokenStore({ url: redis.url });
  const { app, people } = await bench({ baseURL: BASE_URL, adapter: stubAdapter }, { store });
  const token = { access_token: TOKEN, expires_in: 86_400 };
  const subjects = Array.from({ length: 100 }, (_, index) => `user-${index}`);
  for (const subject of subjects) {
    await people.for(subject).setToken(token);
    await firstValueFrom(people.for(subject).get(PATH));
  }
  // The change feed is being connected meanwhile.
  await redis.command('PING');
  const before = await countOf(redis);
  for (let index = 0; index < CALLS; index += 1) {
    await firstValueFrom(people.for(subjects[index % 100]!).get(PATH));
  }
  const commands = (await countOf(redis)) - before;
  await app.close();
  await redis.stop();
  return commands;
}

/** All commands but those of this count and of connections that are made and kept. */
async function countOf(redis: RealRedis): Promise<number> {
  const stats = await redis.command('INFO', 'commandstats');
  return stats
    .split('\n')
    .map((line) => /^cmdstat_([\w|]+):calls=(\d+)/.exec(line.trim()))
    .filter(
      (found) => found && !/^(info|ping|hello|client|command|subscribe|psubscribe)/.test(found[1]!),
    )
    .reduce((sum, found) => sum + Number(found![2]), 0);
}
