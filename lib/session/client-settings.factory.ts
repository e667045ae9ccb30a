import axios from 'axios';
import { generateRandomState } from 'oauth4webapi';
import { AllowedOrigins } from '../protocol/origin.js';
import type { ClientSettings, ServerEndpoint } from '../pipeline/client-settings.js';
import { REFRESH_DEFAULTS } from '../pipeline/refresh-options.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';

/** What the protocol says that a dead grant is answered with. RFC 6749, section 5.2. */
const DEAD_GRANT_ERRORS = ['invalid_grant'] as const;

/** A client's settings from its options, which were judged already. */
export function clientSettings(
  name: string,
  options: OAuthClientOptions,
  defaults: OAuthClientDefaults,
): ClientSettings {
  const { clientSecret, grant = 'authorization_code', baseURL } = options;
  const hasSecret = clientSecret !== undefined;
  const origins =
    options.allowedOrigins ?? (typeof baseURL === 'string' ? [new URL(baseURL).origin] : []);
  return {
    name,
    clientId: options.clientId,
    clientSecret: typeof clientSecret === 'function' ? clientSecret : () => clientSecret,
    authentication: options.clientAuthentication ?? {
      method: hasSecret ? 'client_secret_basic' : 'none',
    },
    grant,
    actsForUsers: grant === 'authorization_code',
    shared: options.shared ?? false,
    issuer: options.issuer,
    metadataUrl: options.metadataUrl,
    endpoints: endpointsOf(options),
    scope: [...(options.scope ?? [])],
    scopeSeparator: options.scopeSeparator ?? ' ',
    redirectUri: options.redirectUri,
    pkce: options.pkce ?? 'S256',
    newState: options.state ?? generateRandomState,
    authorizationParams: options.authorizationParams ?? {},
    tokenParams: options.tokenParams ?? {},
    refreshParams: options.refreshParams ?? {},
    baseURL,
    allowedOrigins: new AllowedOrigins(origins),
    http: axios.mergeConfig(defaults.http ?? {}, options.http ?? {}),
    transport: { ...defaults.transport, ...options.transport },
    refresh: { ...REFRESH_DEFAULTS, ...defined(defaults.refresh), ...defined(options.refresh) },
    deadGrantErrors: new Set(options.deadGrantErrors ?? DEAD_GRANT_ERRORS),
    allowInsecureHttp: options.allowInsecureHttp ?? false,
  };
}

function endpointsOf(options: OAuthClientOptions): Partial<Record<ServerEndpoint, string>> {
  return defined({
    authorization: options.authorizationEndpoint,
    token: options.tokenEndpoint,
    revocation: options.revocationEndpoint,
    introspection: options.introspectionEndpoint,
    userinfo: options.userinfoEndpoint,
  });
}

function defined<T extends object>(values: T | undefined): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: NonNullable<T[K]> };
}
