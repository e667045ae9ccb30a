import type { AxiosAdapter } from 'axios';
import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';

// For Redis: test/redis/round-trips.spec.ts.
describe('statements, as Postgres logs them', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await PostgresServer.start()));
  afterAll(() => server.close());

  it('none for 10,000 calls with a valid token', async () => {
    const store = new PostgresTokenStore({ url: server.url, createTable: true });
    const bench = await RenewalBench.start({}, store);
    // What answers does not matter here; what is asked of Postgres does.
    let answered = 0;
    const adapter: AxiosAdapter = async (config) => {
      answered += 1;
      return { status: 200, statusText: '', headers: {}, data: {}, config };
    };
    const session = await bench.user({ http: { adapter } });
    await call(session);
    const statements = await server.recordStatements();
    for (let round = 0; round < 100; round += 1) await calls(session, 100);
    expect(answered).toBe(10_001);
    // Such as LISTEN, while the change feed is still being connected.
    expect((await statements()).filter((text) => !/^(LISTEN|SELECT pg_notify)/.test(text))).toEqual(
      [],
    );
  });
});
