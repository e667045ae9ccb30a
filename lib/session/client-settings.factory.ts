import axios from 'axios';
import { generateRandomState } from 'oauth4webapi';
import type { ClientAuthentication } from '../protocol/client-authentication.js';
import { defined } from '../protocol/defined.js';
import { AllowedOrigins } from '../protocol/origin.js';
import type { AddressGuard } from '../pipeline/address-guard.js';
import type { ClientSettings, ServerEndpoint } from '../pipeline/client-settings.js';
import type { TokenTypeHint } from '../pipeline/revocation-endpoint.js';
import { REFRESH_DEFAULTS } from '../pipeline/refresh-options.js';
import { isAskedOfApplication } from './file-secret.js';
import { resolveGrant, tokenUriOf } from './grant.resolver.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { registrationMark } from './registration-mark.js';

/** What the protocol says that a dead grant is answered with. RFC 6749, section 5.2. */
const DEAD_GRANT_ERRORS = ['invalid_grant'] as const;

/** What a server that follows the protocol revokes. RFC 7009, section 2.1. */
const TOKEN_TYPES: readonly TokenTypeHint[] = ['refresh_token', 'access_token'];

/**
 * A client's settings from its options, which were judged already.
 *
 * @param guard - Of a client whose options come from a repository.
 */
export function clientSettings(
  name: string,
  options: OAuthClientOptions,
  defaults: OAuthClientDefaults,
  guard?: AddressGuard,
): ClientSettings {
  const { clientSecret, baseURL } = options;
  const grant = resolveGrant(options.grant);
  const hasSecret = clientSecret !== undefined;
  const transport = { ...defined(defaults.transport), ...defined(options.transport) };
  const origins =
    options.allowedOrigins ?? (typeof baseURL === 'string' ? [new URL(baseURL).origin] : []);
  const authentication: ClientAuthentication = options.clientAuthentication ?? {
    method: hasSecret ? 'client_secret_basic' : 'none',
  };
  return {
    name,
    clientId: options.clientId,
    clientSecret: typeof clientSecret === 'function' ? clientSecret : () => clientSecret,
    asksForSecret: isAskedOfApplication(clientSecret),
    authentication,
    revocationAuthentication: options.revocationAuthentication ?? authentication,
    introspectionAuthentication: options.introspectionAuthentication ?? authentication,
    ...grant,
    shared: options.shared ?? false,
    issuer: options.issuer,
    metadataUrl: options.metadataUrl,
    endpoints: endpointsOf(options),
    revocableTokens: new Set(options.revocableTokens ?? TOKEN_TYPES),
    scope: [...(options.scope ?? [])],
    scopeSeparator: options.scopeSeparator ?? ' ',
    scopeAliases: options.scopeAliases ?? {},
    redirectUri: options.redirectUri,
    postLogoutRedirectUri: options.postLogoutRedirectUri,
    pkce: options.pkce ?? 'S256',
    responseType: options.responseType ?? 'code',
    newState: options.state ?? generateRandomState,
    authorizationParams: options.authorizationParams ?? {},
    tokenParams: options.tokenParams ?? {},
    refreshParams: options.refreshParams ?? {},
    baseURL,
    allowedOrigins: new AllowedOrigins(origins),
    http: axios.mergeConfig(defaults.http ?? {}, options.http ?? {}),
    transport: guard?.transport(transport) ?? transport,
    refresh: { ...REFRESH_DEFAULTS, ...defined(defaults.refresh), ...defined(options.refresh) },
    deadGrantErrors: new Set(options.deadGrantErrors ?? DEAD_GRANT_ERRORS),
    tokenPlacement: options.tokenPlacement ?? 'header',
    scopePolicy: options.scopePolicy ?? 'warn',
    defaultExpiresInSeconds: options.defaultExpiresInSeconds,
    provider: options.provider,
    fixes: options.fixes ?? [],
    allowInsecureHttp: options.allowInsecureHttp ?? false,
    guard,
    // A machine gets a token wherever its registration says, with credentials that are of it, too.
    registration: guard && grant.actsForUsers ? registrationMark(options) : undefined,
  };
}

function endpointsOf(options: OAuthClientOptions): Partial<Record<ServerEndpoint, string>> {
  return defined({
    authorization: options.authorizationEndpoint,
    device_authorization: options.deviceAuthorizationEndpoint,
    token: options.tokenEndpoint ?? tokenUriOf(options.grant),
    revocation: options.revocationEndpoint,
    introspection: options.introspectionEndpoint,
    userinfo: options.userinfoEndpoint,
    end_session: options.endSessionEndpoint,
    jwks: options.jwksUri,
  });
}
