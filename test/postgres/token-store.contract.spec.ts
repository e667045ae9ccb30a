import { PostgresTokenStore } from 'nestjs-oauth-client/postgres';
import { describeTokenStore } from 'nestjs-oauth-client/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server.close());

describeTokenStore(
  'PostgresTokenStore with a URL',
  () => new PostgresTokenStore({ url: server.url, createTable: true }),
  { describe, it },
);

describeTokenStore(
  'PostgresTokenStore with a pool',
  () => {
    const pool = server.pool();
    return new PostgresTokenStore({ pool, table: `It's "quoted" & Ünï`, createTable: true });
  },
  { describe, it },
);
