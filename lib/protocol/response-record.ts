import { MissingTokenError } from '../errors/token.errors.js';
import { expiryOf } from './expiry.js';
import { scopeList } from './scope.js';
import type { TokenRecord, TokenResponse } from './token-record.js';
import type { TokenSetOptions } from './token-set.js';

/**
 * What is to be stored of a token response, for a token of its own. RFC 6749, section 5.1.
 *
 * @throws MissingTokenError when the response holds no access token.
 */
export function recordOf(response: TokenResponse, options: TokenSetOptions): TokenRecord {
  const now = options.now ?? Date.now() / 1000;
  const accessToken = response['access_token'];
  if (typeof accessToken !== 'string' || accessToken === '') {
    throw new MissingTokenError({
      problem: 'The token response holds no access_token.',
      remedy: 'Pass a token response or a record made by toRecord().',
    });
  }
  const { refresh_token: refreshToken, id_token: idToken, token_type: tokenType } = response;
  const { scope: asked = [], defaultExpiresIn, claims, registration } = options;
  const { scopeSeparator: separator, scopeAliases: aliases } = options;
  const granted = scopeList(response['scope'], { separator, aliases, asked });
  const expiresAt =
    expiryOf(response, now) ??
    (defaultExpiresIn === undefined ? undefined : Math.trunc(now) + defaultExpiresIn);
  const version = crypto.randomUUID();
  return {
    format: 1,
    version,
    grantId: version,
    ...(registration !== undefined && { registration }),
    obtainedAt: Math.trunc(now),
    accessToken,
    tokenType: nonEmpty(tokenType) ?? 'Bearer',
    ...(nonEmpty(refreshToken) !== undefined && { refreshToken: nonEmpty(refreshToken)! }),
    ...(expiresAt !== undefined && { expiresAt }),
    scope: granted ?? [...asked],
    ...(granted && differ(granted, asked) && { requestedScope: [...asked] }),
    ...(nonEmpty(idToken) !== undefined && { idToken: nonEmpty(idToken)! }),
    ...(claims && { claims }),
    raw: response,
  };
}

function differ(granted: readonly string[], asked: readonly string[]): boolean {
  // What was asked for without a scope is the server's default: nothing differs from it.
  if (asked.length === 0) return false;
  return granted.length !== asked.length || granted.some((part) => !asked.includes(part));
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
