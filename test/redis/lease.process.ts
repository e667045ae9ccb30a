// A process of its own that asks for one lease: `node --import ./test/support/typescript.mjs <this
// file> <url>`. It prints `ready`, waits for a line, asks, prints what it got, and stays alive.
import { once } from 'node:events';
import { RedisTokenStore } from '../../lib/redis/index.js';

const store = new RedisTokenStore({ url: process.argv[2]! });
const key = { client: 'client', subject: 'alice' };
await store.get(key);
console.log('ready');
await once(process.stdin, 'data');
const lease = await store.acquireLease(key, 2_000);
console.log(lease ? `granted, abandoned: ${lease.abandoned}` : 'refused');
