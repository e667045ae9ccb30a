export { PostgresTokenStore } from './postgres.token-store.js';
export { PostgresAuthorizationRequestStore } from './postgres.authorization-request-store.js';
export { postgresSchema, POSTGRES_SCHEMA_VERSION } from './postgres.schema.js';
export type {
  PostgresAuthorizationRequestStoreOptions,
  PostgresConnectionOptions,
  PostgresPool,
  PostgresTokenStoreOptions,
} from './postgres.options.js';
