import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { Night, replica } from './renew-expiring.fixtures.js';

const GRANTS = 60;
let postgres: PostgresServer;

beforeAll(async () => void (postgres = await PostgresServer.start()));
afterAll(() => postgres.close());

function newStore(): PostgresTokenStore {
  const store = new PostgresTokenStore({ url: postgres.url, createTable: true });
  onTestFinished(() => store.close());
  return store;
}

it('three replicas on Postgres, one of which begins later, renew each grant once', async () => {
  const night = await Night.start(newStore());
  const subjects = Array.from({ length: GRANTS }, (_, index) => `user-${index}`);
  await night.connect('github', ...subjects);
  const others = [
    await replica(night.server, night.clock, newStore()),
    await replica(night.server, night.clock, newStore()),
  ];
  const first = night.run({ concurrency: 3 });
  const second = lastValueFrom(others[0]!.renewExpiring({ within: 24 * 3600 }));
  await night.server.nextRequest('token');
  await night.server.nextRequest('token');
  const third = lastValueFrom(others[1]!.renewExpiring({ within: 24 * 3600 }));
  const ends = [(await first).at(-1)!, await second, await third];
  expect(ends.map(({ failed, ended }) => failed + ended)).toEqual([0, 0, 0]);
  expect(ends.reduce((sum, { renewed }) => sum + renewed, 0)).toBe(GRANTS);
  const requests = night.server.journal.tokenRequests();
  expect(requests).toHaveLength(GRANTS);
  expect(requests.filter(({ replay }) => replay)).toEqual([]);
  const [github] = await night.registry.status({ clients: ['github'] });
  expect(github?.grants).toMatchObject({ total: GRANTS, read: GRANTS, unreadable: 0 });
});
