import { EncryptedTokenStore, type TokenStore } from '../../lib/index.js';
import { PostgresTokenStore } from '../../lib/postgres/index.js';
import { RedisTokenStore } from '../../lib/redis/index.js';
import type { StorePlan } from './cluster.messages.js';

const KEY = { kid: 'cluster', key: Buffer.alloc(32, 'cluster').toString('base64') };

/** A store as it was planned: every process makes one of its own. */
export function openStore({ kind, url, encrypted }: StorePlan): TokenStore {
  const store =
    kind === 'redis'
      ? new RedisTokenStore({ url })
      : new PostgresTokenStore({ url, createTable: true });
  return encrypted ? new EncryptedTokenStore(store, { keys: [KEY] }) : store;
}
