export { RedisAuthorizationRequestStore } from './redis.authorization-request-store.js';
export type {
  IoRedisCluster,
  IoRedisServer,
  IoRedisSubscriber,
  NodeRedisCluster,
  NodeRedisPipeline,
  NodeRedisServer,
  NodeRedisSubscriber,
  RedisConnection,
} from './redis.clients.js';
export type {
  RedisConnectionOptions,
  RedisStoreOptions,
  RedisTokenStoreOptions,
  WaitReplicasOptions,
} from './redis.options.js';
export { RedisTokenStore } from './redis.token-store.js';
