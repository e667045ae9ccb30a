/** What a verified ID token says. OpenID Connect Core 1.0, section 2. */
export type IdTokenClaims = Readonly<Record<string, unknown>> & {
  /** Who issued it. */
  readonly iss: string;
  /** Whom it is about. */
  readonly sub: string;
};

/** A token response as it stands on the wire: RFC 6749, section 5.1, with any extra fields. */
export interface TokenResponse {
  /** The access token. */
  access_token: string;
  /** Its type; Bearer when absent. */
  token_type?: string;
  /** Its lifetime in seconds. */
  expires_in?: number | string;
  /** When it ends, in epoch seconds; not standard, and kept by some stores. */
  expires_at?: number | string;
  /** The refresh token. */
  refresh_token?: string;
  /** The granted scope. */
  scope?: string | readonly string[];
  /** The ID token. */
  id_token?: string;
  [field: string]: unknown;
}

/**
 * A token as it is stored: plain, serialisable, secrets included. The format is a contract: every
 * release reads every earlier format.
 */
export interface TokenRecord {
  /** The format of this record. */
  readonly format: 1;
  /** Unique to each token that was ever obtained; what compare-and-set compares. */
  readonly version: string;
  /**
   * The grant that it descends from: kept by renewals, new where a user connects again, and then
   * the version of this first token.
   */
  readonly grantId?: string;
  /**
   * What the registration is known by that it was obtained under, for a user's token of a client of
   * a repository: under one that names other servers it is not used. Not a secret.
   */
  readonly registration?: string;
  /** When the token was obtained, in epoch seconds. */
  readonly obtainedAt: number;
  /** The access token. */
  readonly accessToken: string;
  /** Its type as the server named it, `Bearer` when it named none. */
  readonly tokenType: string;
  /** The refresh token. */
  readonly refreshToken?: string;
  /**
   * When the refresh token was obtained, in epoch seconds, where it came after the access token:
   * with that of a variant.
   */
  readonly refreshObtainedAt?: number;
  /** When the access token ends, in epoch seconds; absent when unknown. */
  readonly expiresAt?: number;
  /** The granted scope. */
  readonly scope: readonly string[];
  /** The scope that was asked for, where something else was granted. */
  readonly requestedScope?: readonly string[];
  /** The ID token as it was sent. */
  readonly idToken?: string;
  /** The claims of the ID token once it was verified. */
  readonly claims?: IdTokenClaims;
  /** The response as the server sent it, extra fields included. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Whether a value read from a store is a record of a format that this release knows. */
export function isTokenRecord(value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<Record<keyof TokenRecord, unknown>>;
  return (
    record.format === 1 &&
    typeof record.version === 'string' &&
    typeof record.obtainedAt === 'number' &&
    typeof record.accessToken === 'string' &&
    record.accessToken !== '' &&
    typeof record.tokenType === 'string' &&
    (record.refreshToken === undefined || typeof record.refreshToken === 'string') &&
    (record.expiresAt === undefined || typeof record.expiresAt === 'number') &&
    Array.isArray(record.scope) &&
    typeof record.raw === 'object' &&
    record.raw !== null
  );
}
