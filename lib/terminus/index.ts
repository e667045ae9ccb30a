export { OAuthHealthIndicator } from './oauth.health.js';
export type {
  ClientHealth,
  CooldownCheckOptions,
  HealthSeverity,
  MetadataCheckOptions,
  OAuthHealthOptions,
  RenewalCheckOptions,
  StoreHealthOptions,
} from './oauth.health.options.js';
