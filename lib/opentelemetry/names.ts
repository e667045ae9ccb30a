/** The instrumentation scope of all spans and metrics. */
export const SCOPE = 'nestjs-oauth-client';

/** What stands for every name beyond those that are told apart. */
export const OTHER = '_OTHER';

/** Attributes of the semantic conventions, and our own under `oauth.`. */
export const ATTRIBUTES = {
  errorType: 'error.type',
  method: 'http.request.method',
  resendCount: 'http.request.resend_count',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  status: 'http.response.status_code',
  attempts: 'oauth.attempts',
  cacheResult: 'oauth.cache.result',
  client: 'oauth.client.name',
  grantType: 'oauth.grant.type',
  outcome: 'oauth.outcome',
  queueSeconds: 'oauth.queue.duration',
  reason: 'oauth.acquisition.reason',
  variant: 'oauth.token.variant',
} as const;

/** The metrics; durations are in seconds. */
export const METRICS = {
  acquisitionDuration: 'oauth.client.acquisition.duration',
  leaseDuration: 'oauth.client.lease.duration',
  lookups: 'oauth.client.token.lookups',
  replays: 'oauth.client.replays',
  requests: 'oauth.client.token.requests',
} as const;
