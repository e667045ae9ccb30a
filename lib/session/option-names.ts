import { closestMatch } from 'leven';
import type { NamedClientAuthentication } from '../protocol/client-authentication.js';
import type { JwtBearerGrantOptions } from '../pipeline/jwt-bearer.grant.js';
import type { CooldownOptions } from '../pipeline/cooldown.js';
import type { RefreshOptions } from '../pipeline/refresh-options.js';
import type { TransportOptions } from '../pipeline/transport.js';
import type { OAuthClientOptions } from './oauth-client.options.js';

const CLIENT: Record<keyof OAuthClientOptions, true> = {
  clientId: true,
  clientSecret: true,
  clientAuthentication: true,
  revocationAuthentication: true,
  introspectionAuthentication: true,
  issuer: true,
  metadataUrl: true,
  authorizationEndpoint: true,
  deviceAuthorizationEndpoint: true,
  tokenEndpoint: true,
  revocationEndpoint: true,
  revocableTokens: true,
  introspectionEndpoint: true,
  userinfoEndpoint: true,
  endSessionEndpoint: true,
  jwksUri: true,
  grant: true,
  shared: true,
  scope: true,
  scopeSeparator: true,
  scopeAliases: true,
  redirectUri: true,
  postLogoutRedirectUri: true,
  pkce: true,
  responseType: true,
  state: true,
  authorizationParams: true,
  tokenParams: true,
  refreshParams: true,
  tokenPlacement: true,
  scopePolicy: true,
  defaultExpiresInSeconds: true,
  fixes: true,
  provider: true,
  baseURL: true,
  allowedOrigins: true,
  deadGrantErrors: true,
  http: true,
  transport: true,
  refresh: true,
  allowInsecureHttp: true,
};

const REFRESH: Record<keyof RefreshOptions, true> = {
  leewaySeconds: true,
  timeoutMs: true,
  concurrency: true,
  rejectedPauseSeconds: true,
  aheadSeconds: true,
  cooldown: true,
};

const COOLDOWN: Record<keyof CooldownOptions, true> = {
  afterFailures: true,
  seconds: true,
  maxSeconds: true,
};

const TRANSPORT: Record<keyof TransportOptions, true> = {
  proxy: true,
  httpAgent: true,
  httpsAgent: true,
  lookup: true,
  timeout: true,
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
};

type KeyOfAny<T> = T extends unknown ? keyof T : never;

const CLIENT_AUTHENTICATION: Record<KeyOfAny<NamedClientAuthentication>, true> = {
  method: true,
  encoding: true,
  key: true,
  sign: true,
  alg: true,
  kid: true,
  audience: true,
  lifetimeSeconds: true,
  claims: true,
  header: true,
};

const JWT_BEARER: Record<keyof JwtBearerGrantOptions, true> = {
  type: true,
  keyFile: true,
  issuer: true,
  subject: true,
  audience: true,
  lifetimeSeconds: true,
  scopeIn: true,
  claims: true,
  header: true,
  key: true,
  sign: true,
  alg: true,
  kid: true,
};

/** The names of the options that exist, by where they stand. */
export const OPTION_NAMES = {
  client: Object.keys(CLIENT),
  clientAuthentication: Object.keys(CLIENT_AUTHENTICATION),
  jwtBearer: Object.keys(JWT_BEARER),
  refresh: Object.keys(REFRESH),
  cooldown: Object.keys(COOLDOWN),
  transport: Object.keys(TRANSPORT),
} as const;

/** Which of the candidates a misspelt word was probably meant to be. */
export function probablyMeant(word: string, candidates: readonly string[]): string | undefined {
  const lower = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  const maxDistance = Math.max(2, Math.floor(word.length / 3));
  const match = closestMatch(word.toLowerCase(), [...lower.keys()], { maxDistance });
  return match === undefined ? undefined : lower.get(match);
}
