import fc from 'fast-check';
import { MemoryTokenStore, type Lease } from 'nestjs-oauth-client';
import type { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { newKey, newRecord, newStore } from './fixtures.js';

const LONG_MS = 600_000;
const RECORDS = [newRecord(), newRecord(), newRecord()];
const ACTIONS = [
  ...(['set', 'delete', 'get', 'acquire', 'acquire', 'lapse'] as const),
  ...(['commit', 'clear', 'renew', 'release'] as const),
];

/** One step: what is done, with which record, and with the how-maniest lease from the last one. */
type Step = readonly [action: (typeof ACTIONS)[number], record: number, lease: number];

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.close());

/** What a store answers to one step after the other. */
async function answers(
  store: MemoryTokenStore | PostgresTokenStore,
  steps: readonly Step[],
): Promise<unknown[]> {
  const key = newKey();
  const leases: Lease[] = [];
  const done: unknown[] = [];
  for (const [action, record, back] of steps) {
    const lease = leases.at(-1 - back);
    const next = RECORDS[record]!;
    if (action === 'set') done.push(await store.set(key, next));
    else if (action === 'delete') done.push(await store.delete(key));
    else if (action === 'get') done.push(await store.get(key));
    else if (action === 'acquire') {
      const granted = await store.acquireLease(key, LONG_MS);
      if (granted) leases.push(granted);
      done.push(granted && [granted.record, granted.abandoned]);
    } else if (action === 'lapse') {
      await lease?.renew(1);
      // By its own clock: until it says that the lease is over.
      while (await lease?.renew(1)) await new Promise((resolve) => setTimeout(resolve, 2));
    } else if (action === 'release') done.push(await lease?.release());
    else if (action === 'renew') done.push(await lease?.renew(LONG_MS));
    else done.push(await lease?.commit(action === 'commit' ? next : undefined));
  }
  for await (const found of store.keys({ client: key.client })) done.push(found.subject);
  return done;
}

it('a PostgresTokenStore answers as a MemoryTokenStore does, whatever is asked', async () => {
  const store = newStore(server);
  const step = fc.tuple(
    fc.constantFrom(...ACTIONS),
    fc.nat({ max: RECORDS.length - 1 }),
    fc.nat({ max: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const expected = new MemoryTokenStore();
      expect(await answers(store, steps)).toEqual(await answers(expected, steps));
    }),
    { numRuns: 100 },
  );
});
