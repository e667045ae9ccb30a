import type { Params } from '../protocol/params.js';
import type { IdTokenClaims } from '../protocol/token-record.js';
import type { ClientSettings } from './client-settings.js';
import type { VariantRequest } from './grant-binding.js';
import type { TransportOptions } from './transport.js';

/** How one request to the token endpoint is sent otherwise than the client is configured. */
export interface TokenRequestOptions {
  /**
   * `GET` puts everything into the query. Goes against RFC 6749, section 3.2.
   *
   * @defaultValue `'POST'`
   */
  method?: 'POST' | 'GET';
  /** Sends the parameters of a `POST` in the query, its body empty. */
  forceQuerystring?: boolean;
  /**
   * `true` sends client identifier and secret in the form instead of the `Authorization` header;
   * `false` leaves the identifier out of the form.
   */
  includeClientId?: boolean;
  /**
   * The client secret of this request, where its authentication has one; an empty text is sent as it
   * is. A secret.
   */
  clientSecret?: string;
  /** Further headers; not `Authorization`, which is the client's. */
  headers?: Readonly<Record<string, string>>;
  /** Further parameters; repeats are kept. */
  params?: Params;
  /**
   * How this request connects: timeout, proxy, certificates. What is set here wins over all of the
   * client's, certificates also over its agent.
   */
  transport?: TransportOptions;
}

/** One request to the token endpoint, before it is authenticated and sent. */
export interface GrantRequest {
  /** Which hooks see it: those of a first token or those of a renewal. */
  readonly step: 'access_token' | 'refresh_token';
  readonly grantType: string;
  /** In the order in which they override each other; repeats are kept. */
  readonly params: readonly (Params | undefined)[];
  readonly options?: TokenRequestOptions | undefined;
  /** Scope that was asked for: what an answer without a scope grants. */
  readonly scope: readonly string[] | undefined;
  /** Whether the server may see it twice without harm to the grant. */
  readonly repeatable: boolean;
  /** What an ID token in the answer must carry. */
  readonly nonce?: string | undefined;
  /** What was verified of the user so far: an ID token in the answer must not contradict it. */
  readonly former?: IdTokenClaims | undefined;
  /** Since when the user must have signed in, in epoch seconds. */
  readonly signedInSince?: number | undefined;
}

/** The request for a token that needs no user. RFC 6749, sections 4.4.2 and 4.5. */
export function ownGrantRequest(
  settings: ClientSettings,
  grant: { readonly type: string; readonly scopeInClaim?: boolean },
  params: Params,
  variant: VariantRequest | undefined,
  options?: TokenRequestOptions,
): GrantRequest {
  const scope = variant?.scope ?? settings.scope;
  return {
    step: 'access_token',
    grantType: grant.type,
    params: [
      settings.tokenParams,
      grant.scopeInClaim ? undefined : scopeParam(settings, scope),
      targets(variant),
      options?.params,
      params,
    ],
    options,
    scope,
    repeatable: true,
  };
}

/** The request that exchanges what the user handed over in another way than by a code. */
export function userGrantRequest(
  settings: ClientSettings,
  grantType: string,
  params: Params,
  variant: VariantRequest | undefined,
  options?: TokenRequestOptions,
): GrantRequest {
  const scope = variant?.scope ?? settings.scope;
  return {
    step: 'access_token',
    grantType,
    params: [
      settings.tokenParams,
      scopeParam(settings, scope),
      targets(variant),
      options?.params,
      params,
    ],
    options,
    scope,
    repeatable: false,
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
  options?: TokenRequestOptions,
): GrantRequest {
  return {
    step: 'refresh_token',
    grantType: 'refresh_token',
    options,
    params: [
      settings.refreshParams,
      variant?.scope && scopeParam(settings, variant.scope),
      targets(variant),
      options?.params,
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
    readonly former?: IdTokenClaims | undefined;
    readonly signedInSince?: number | undefined;
    readonly scope: readonly string[];
    readonly variant: VariantRequest | undefined;
    readonly options?: TokenRequestOptions | undefined;
  },
): GrantRequest {
  return {
    step: 'access_token',
    grantType: 'authorization_code',
    params: [
      settings.tokenParams,
      targets(flow.variant),
      flow.options?.params,
      {
        code: flow.code,
        redirect_uri: flow.redirectUri,
        code_verifier: flow.codeVerifier,
      },
    ],
    options: flow.options,
    scope: flow.scope,
    repeatable: false,
    nonce: flow.nonce,
    former: flow.former,
    signedInSince: flow.signedInSince,
  };
}

function scopeParam(settings: ClientSettings, scope: readonly string[]): Params | undefined {
  return scope.length > 0 ? { scope: scope.join(settings.scopeSeparator) } : undefined;
}

/** What a token is asked to be for. RFC 8707, section 2. */
export function targets(variant: VariantRequest | undefined): Params | undefined {
  return variant && { resource: variant.resource, audience: variant.audience };
}
