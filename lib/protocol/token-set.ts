import { TokenStoreError } from '../errors/store.errors.js';
import { effectiveLeeway } from './expiry.js';
import { fingerprint } from './fingerprint.js';
import { frozenCopy } from './frozen-copy.js';
import { recordOf } from './response-record.js';
import { scopeWords } from './scope-words.js';
import {
  isTokenRecord,
  type IdTokenClaims,
  type TokenRecord,
  type TokenResponse,
} from './token-record.js';

/** What {@link TokenSet.from} may be told. */
export interface TokenSetOptions {
  /** The time at which the response arrived, in epoch seconds; the present when left out. */
  now?: number;
  /** Scope to assume when the response names none: what was asked for. RFC 6749, section 5.1. */
  scope?: readonly string[] | undefined;
  /**
   * What separates a scope in the response, beside white space.
   *
   * @defaultValue `' '`
   */
  scopeSeparator?: string | undefined;
  /** Parts of the scope that were asked for, and what the server calls them. */
  scopeAliases?: Readonly<Record<string, string>> | undefined;
  /** Seconds to assume as its lifetime when the response names neither lifetime nor end. */
  defaultExpiresIn?: number | undefined;
  /** Claims of the response's ID token, once verified. */
  claims?: IdTokenClaims | undefined;
  /** See {@link TokenRecord.registration}. */
  registration?: string | undefined;
}

/**
 * One token and all that came with it: immutable, replaced whole. Printing it, logging it or
 * turning it into JSON shows no secret; its getters and {@link TokenSet.toRecord} do. Two token
 * sets compare by their records, since a comparison of the objects sees no private field.
 *
 * @example
 * ```ts
 * const token = TokenSet.from({ access_token: 'a', token_type: 'Bearer', expires_in: 3600 });
 * token.isExpired(60); // false
 * ```
 */
export class TokenSet {
  readonly #record: TokenRecord;

  private constructor(record: TokenRecord) {
    this.#record = record;
  }

  /** The access token. A secret. */
  get accessToken(): string {
    return this.#record.accessToken;
  }

  /** The type as the server named it, `Bearer` when it named none. */
  get tokenType(): string {
    return this.#record.tokenType;
  }

  /** The refresh token, if there is one. A secret. */
  get refreshToken(): string | undefined {
    return this.#record.refreshToken;
  }

  /** When the access token ends, in epoch seconds; `undefined` when the server did not say. */
  get expiresAt(): number | undefined {
    return this.#record.expiresAt;
  }

  /** When the token was obtained, in epoch seconds. */
  get obtainedAt(): number {
    return this.#record.obtainedAt;
  }

  /** The granted scope; what was asked for, when the server named none. */
  get scope(): readonly string[] {
    return this.#record.scope;
  }

  /** What was asked for and not granted. */
  get missing(): readonly string[] {
    const { requestedScope = [], scope } = this.#record;
    return requestedScope.filter((part) => !scope.includes(part));
  }

  /** What was granted and not asked for. */
  get additional(): readonly string[] {
    const { requestedScope, scope } = this.#record;
    return requestedScope ? scope.filter((part) => !requestedScope.includes(part)) : [];
  }

  /** The ID token as it was sent. A secret. */
  get idToken(): string | undefined {
    return this.#record.idToken;
  }

  /** The claims of the ID token, once it was verified. */
  get claims(): IdTokenClaims | undefined {
    return this.#record.claims;
  }

  /** The response as the server sent it, extra fields included. Holds secrets. */
  get raw(): Readonly<Record<string, unknown>> {
    return this.#record.raw;
  }

  /** Unique to this token; changes with every renewal. Not a secret. */
  get version(): string {
    return this.#record.version;
  }

  /** Eight characters that tell tokens apart in logs; not a secret. */
  get fingerprint(): string {
    return fingerprint(this.#record.accessToken);
  }

  /**
   * Whether the access token has ended, or will within the leeway. The leeway counts at most for a
   * quarter of the token's lifetime. A token without a known end is not expired.
   *
   * @param leewaySeconds - Seconds before its end from which it counts as expired.
   */
  isExpired(leewaySeconds = 0): boolean {
    return this.isExpiredAt(Date.now() / 1000, leewaySeconds);
  }

  /**
   * As {@link TokenSet.isExpired}, by a clock of the caller's.
   *
   * @param nowSeconds - The time to judge at, in epoch seconds.
   * @param leewaySeconds - Seconds before its end from which it counts as expired.
   */
  isExpiredAt(nowSeconds: number, leewaySeconds = 0): boolean {
    const { expiresAt, obtainedAt } = this.#record;
    if (expiresAt === undefined) return false;
    return nowSeconds >= expiresAt - effectiveLeeway(leewaySeconds, obtainedAt, expiresAt);
  }

  /** Whole seconds until the access token ends, negative once it has; `undefined` when unknown. */
  expiresIn(): number | undefined {
    const { expiresAt } = this.#record;
    return expiresAt === undefined ? undefined : Math.round(expiresAt - Date.now() / 1000);
  }

  /** The plain form for stores: serialisable, secrets included. */
  toRecord(): TokenRecord {
    return this.#record;
  }

  /**
   * A token set from a token response (RFC 6749, section 5.1) or from a stored record.
   *
   * @throws MissingTokenError when the response holds no access token.
   * @throws TokenStoreError when a record is of a format this release does not know.
   */
  static from(response: TokenResponse | TokenRecord, options: TokenSetOptions = {}): TokenSet {
    return 'format' in response && !('access_token' in response)
      ? TokenSet.#fromRecord(response)
      : new TokenSet(frozenCopy(recordOf(response, options)));
  }

  static #fromRecord(record: unknown): TokenSet {
    if (isTokenRecord(record)) return new TokenSet(frozenCopy(record));
    throw new TokenStoreError({
      problem: 'A stored token record is damaged, or of a format this release does not know.',
      remedy: 'Run the release that wrote it, or clear the token and connect again.',
    });
  }

  /** What a log, a template or JSON shows: no secret. */
  toJSON(): Record<string, unknown> {
    const { accessToken, tokenType, expiresAt, obtainedAt, refreshToken, idToken } = this.#record;
    return {
      tokenType,
      fingerprint: this.fingerprint,
      obtainedAt,
      ...(expiresAt !== undefined && { expiresAt }),
      scope: scopeWords(this.#record.scope, { accessToken, refreshToken }),
      hasRefreshToken: refreshToken !== undefined,
      hasIdToken: idToken !== undefined,
    };
  }

  /** The same as {@link TokenSet.toJSON}, for template strings. */
  toString(): string {
    return `TokenSet(${this.#record.tokenType} ${this.fingerprint})`;
  }

  /** What `console.log` and `util.inspect` show: no secret. */
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return `TokenSet ${JSON.stringify(this)}`;
  }
}
