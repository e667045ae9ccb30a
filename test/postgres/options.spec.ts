import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ConfigurationError } from 'nestjs-oauth-client';
import {
  PostgresAuthorizationRequestStore,
  PostgresTokenStore,
  type PostgresTokenStoreOptions,
} from 'nestjs-oauth-client/postgres';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pool = { options: {}, query: async () => ({ rows: [], rowCount: 0 }) };

describe('the options of a store on Postgres', () => {
  it.each([{}, { url: undefined }, { url: '' }, { url: 'postgres://host/db', pool }])(
    'need one way to the database: %j',
    async (options) => {
      for (const Store of [PostgresTokenStore, PostgresAuthorizationRequestStore]) {
        const made = () => new Store(options as PostgresTokenStoreOptions);
        expect((await failure(made, ConfigurationError)).message).toContain('pool');
      }
    },
  );

  it.each([{ everyMs: 0 }, { everyMs: Number.NaN }, { limitMs: -1 }, { limitMs: 1e12 }])(
    'take no heartbeat that is not a time: %j',
    async (heartbeat) => {
      const made = () => new PostgresTokenStore({ pool, heartbeat });
      expect((await failure(made, ConfigurationError)).message).toContain('everyMs');
    },
  );
});

/** Runs a module in a process of its own, and answers what it printed. */
async function run(code: string): Promise<string> {
  const hooks = ['--import', './test/support/typescript.mjs'];
  const flags = [...hooks, '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  return stdout.trim();
}

const STORE = `import { PostgresTokenStore } from './lib/postgres/index.ts';`;
const KEY = `{ client: 'client', subject: 'alice' }`;

describe('the package pg', () => {
  it('is not loaded where a pool is handed in', async () => {
    const printed = await run(`${STORE}
      import { createRequire } from 'node:module';
      const store = new PostgresTokenStore({
        pool: { options: {}, query: async () => ({ rows: [], rowCount: 0 }) },
      });
      await store.get(${KEY});
      const { cache } = createRequire(import.meta.url);
      console.log(Object.keys(cache).some((file) => /node_modules.pg./.test(file)));`);
    expect(printed).toBe('false');
  });

  it('is asked for by name where it is missing', async () => {
    const hook = `export async function resolve(specifier, context, next) {
      if (specifier !== 'pg') return next(specifier, context);
      throw Object.assign(new Error('Cannot find package pg'), { code: 'ERR_MODULE_NOT_FOUND' });
    }`;
    const printed = await run(`${STORE}
      import { register } from 'node:module';
      register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});
      const store = new PostgresTokenStore({ url: 'postgres://127.0.0.1:1/none' });
      await store.get(${KEY}).catch((error) => console.log(error.message));`);
    expect(printed).toContain('npm install pg');
  });
});
