import { defined } from './defined.js';
import { recordOf } from './response-record.js';
import { TokenSet, type TokenSetOptions } from './token-set.js';
import type { TokenRecord, TokenResponse } from './token-record.js';

/** The token of an answer; an ID token that was not verified stays in `raw` alone. */
export function obtainedToken(response: TokenResponse, options: TokenSetOptions): TokenSet {
  return TokenSet.from(obtainedRecord(response, options));
}

function obtainedRecord(response: TokenResponse, options: TokenSetOptions): TokenRecord {
  const { idToken, ...record } = recordOf(response, options);
  return options.claims && idToken !== undefined ? { ...record, idToken } : record;
}

/** Under what names servers say how long a refresh token lasts; not standard. */
export const REFRESH_LIFETIMES = ['refresh_expires_in', 'refresh_token_expires_in'] as const;

/**
 * The token that follows `previous` after a renewal: all of it is new, save the refresh token and
 * the granted scope, which stay when the answer names none, or an empty one. RFC 6749, section 6.
 * An unknown end clears the old one. An ID token that is not sent again, or not verified, leaves the
 * former one to say who the user is (OpenID Connect Core 1.0, section 12.2).
 */
export function mergeRenewed(
  previous: Partial<TokenRecord> & Pick<TokenRecord, 'scope'>,
  response: TokenResponse,
  options: TokenSetOptions,
): TokenSet {
  const scope = options.scope ?? previous.scope;
  const renewed = obtainedRecord(response, { ...options, scope });
  const { refreshToken, grantId, idToken, claims, requestedScope } = previous;
  // Not spread: what is added after a spread costs Node 20 more than all the rest.
  const record = Object.assign(
    defined({ refreshToken, idToken, claims }),
    renewed,
    defined({ grantId }),
    // What was asked for at first, and not granted, is missing still.
    options.scope === undefined && requestedScope && { requestedScope },
  );
  return TokenSet.from(record);
}

/**
 * The same token with the refresh token of another, and how long that one lasts, under a new
 * version.
 */
export function withRefreshToken(token: TokenSet, other: TokenSet): TokenSet {
  const { refreshToken, obtainedAt, raw } = other.toRecord();
  const { refreshToken: _former, ...record } = token.toRecord();
  const stated = REFRESH_LIFETIMES.filter((name) => name in raw);
  const lifetimes = stated.map((name) => [name, raw[name]]);
  return TokenSet.from({
    ...record,
    ...(refreshToken !== undefined && { refreshToken, refreshObtainedAt: obtainedAt }),
    raw: { ...record.raw, ...Object.fromEntries(lifetimes) },
    version: crypto.randomUUID(),
  });
}

/** The same token without its refresh token: what is kept for a variant. */
export function withoutRefreshToken(token: TokenSet): TokenSet {
  const { refreshToken: _dropped, raw, ...record } = token.toRecord();
  const { refresh_token: _raw, ...rest } = raw;
  return TokenSet.from({ ...record, raw: rest });
}
