import type { AuthorizationRequestStore, TokenStore } from 'nestjs-oauth-client';
import {
  PostgresAuthorizationRequestStore,
  PostgresTokenStore,
} from 'nestjs-oauth-client/postgres';
import { RedisAuthorizationRequestStore, RedisTokenStore } from 'nestjs-oauth-client/redis';

interface Stores {
  store: TokenStore;
  authorizationRequestStore: AuthorizationRequestStore;
}

/** What the replicas share: tokens, and who is on the way to Acme and back. */
export function sharedStores(): Stores {
  const url = process.env['STORE_URL']!;
  if (process.env['STORE'] === 'postgres') {
    const options = { url, createTable: true }; // in production: postgresSchema() in a migration
    return {
      store: new PostgresTokenStore(options),
      authorizationRequestStore: new PostgresAuthorizationRequestStore(options),
    };
  }
  const options = { url, prefix: 'sample-05:' };
  return {
    store: new RedisTokenStore(options),
    authorizationRequestStore: new RedisAuthorizationRequestStore(options),
  };
}
