export { OAuthHealthIndicator } from './oauth.health.js';
export type {
  ClientHealth,
  CooldownCheckOptions,
  HealthSeverity,
  MetadataCheckOptions,
  OAuthHealthDetails,
  OAuthHealthOptions,
  RenewalCheckOptions,
  StoreHealthOptions,
} from './oauth.health.options.js';
