import type { Params } from '../protocol/params.js';
import type { ClientSettings } from './client-settings.js';
import type { VariantRequest } from './grant-binding.js';

/** One request to the token endpoint, before it is authenticated and sent. */
export interface GrantRequest {
  /** Which hooks see it: those of a first token or those of a renewal. */
  readonly step: 'access_token' | 'refresh_token';
  readonly grantType: string;
  /** In the order in which they override each other; repeats are kept. */
  readonly params: readonly (Params | undefined)[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Scope that was asked for: what an answer without a scope grants. */
  readonly scope: readonly string[] | undefined;
  /** Whether the server may see it twice without harm to the grant. */
  readonly repeatable: boolean;
  /** What an ID token in the answer must carry. */
  readonly nonce?: string | undefined;
}

/** The request for a machine's own token. RFC 6749, section 4.4.2. */
export function clientCredentialsRequest(
  settings: ClientSettings,
  variant: VariantRequest | undefined,
): GrantRequest {
  const scope = variant?.scope ?? settings.scope;
  return {
    step: 'access_token',
    grantType: 'client_credentials',
    params: [settings.tokenParams, scopeParam(settings, scope), targets(variant)],
    scope,
    repeatable: true,
  };
}

/**
 * The request for a renewal; the scope is named only where it differs from what was granted. RFC
 * 6749, section 6. It is repeatable because the server that saw it once and answers a second time
 * saves the grant, and the one that refuses has lost it anyway.
 */
export function refreshRequest(
  settings: ClientSettings,
  refreshToken: string,
  variant: VariantRequest | undefined,
): GrantRequest {
  return {
    step: 'refresh_token',
    grantType: 'refresh_token',
    params: [
      settings.refreshParams,
      variant?.scope && scopeParam(settings, variant.scope),
      targets(variant),
      { refresh_token: refreshToken },
    ],
    scope: variant?.scope,
    repeatable: true,
  };
}

/** The request that exchanges a code. A code is spent by the first request. RFC 6749, 4.1.3. */
export function authorizationCodeRequest(
  settings: ClientSettings,
  flow: {
    readonly code: string;
    readonly redirectUri: string | undefined;
    readonly codeVerifier: string | undefined;
    readonly nonce: string | undefined;
    readonly scope: readonly string[];
    readonly params?: Params | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
  },
): GrantRequest {
  return {
    step: 'access_token',
    grantType: 'authorization_code',
    params: [
      settings.tokenParams,
      flow.params,
      {
        code: flow.code,
        redirect_uri: flow.redirectUri,
        code_verifier: flow.codeVerifier,
      },
    ],
    headers: flow.headers,
    scope: flow.scope,
    repeatable: false,
    nonce: flow.nonce,
  };
}

function scopeParam(settings: ClientSettings, scope: readonly string[]): Params | undefined {
  return scope.length > 0 ? { scope: scope.join(settings.scopeSeparator) } : undefined;
}

function targets(variant: VariantRequest | undefined): Params | undefined {
  return variant && { resource: variant.resource, audience: variant.audience };
}
