import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { setParams, type Params } from './params.js';

/** What goes into the URL of an authorization request. */
export interface AuthorizationRequestParts {
  readonly endpoint: string;
  readonly clientId: string;
  readonly responseType: 'code' | 'code id_token' | 'token';
  readonly redirectUri?: string;
  readonly scope?: string;
  readonly state: string;
  readonly nonce?: string;
  readonly pkce?: Pkce;
  readonly params: readonly (Params | undefined)[];
}

/** A proof key for one authorization request. RFC 7636. */
export interface Pkce {
  readonly verifier: string;
  readonly method: 'S256' | 'plain';
  readonly challenge: string;
}

/** A new proof key; `undefined` where the client has switched PKCE off. RFC 7636, section 4. */
export async function createPkce(
  method: 'S256' | 'plain' | false,
  verifier = generateRandomCodeVerifier(),
): Promise<Pkce | undefined> {
  if (method === false) return undefined;
  const challenge = method === 'plain' ? verifier : await calculatePKCECodeChallenge(verifier);
  return { verifier, method, challenge };
}

/** The URL of an authorization request; a query of the endpoint is kept. RFC 6749, 4.1.1. */
export function authorizationRequestUrl(parts: AuthorizationRequestParts): string {
  const url = new URL(parts.endpoint);
  for (const params of [...parts.params, ownParams(parts)]) setParams(url.searchParams, params);
  return url.href;
}

/** What an authorization request says of its own. */
export function ownParams(
  parts: Omit<AuthorizationRequestParts, 'params'>,
): Readonly<Record<string, string | undefined>> {
  return {
    response_type: parts.responseType,
    client_id: parts.clientId,
    redirect_uri: parts.redirectUri,
    scope: parts.scope || undefined,
    state: parts.state,
    nonce: parts.nonce,
    code_challenge: parts.pkce?.challenge,
    code_challenge_method: parts.pkce?.method,
  };
}
