import {
  TokenSet,
  TokenStoreError,
  type OAuthClientOptions,
  type TokenResponse,
} from '../index.js';
import { isRecord } from './oauth-test-request.js';
import type { TestClock } from './test-clock.js';

/**
 * A token that a test brings: its text alone, a token response, a token set, or `null` for none.
 * `undefined` is the default: one that is valid for an hour.
 */
export type OAuthTestTokenValue = string | TokenResponse | TokenSet | null | undefined;

/** The token of every subject, of each by name, or by a function (`''` is the client itself). */
export type OAuthTestToken =
  | OAuthTestTokenValue
  | ReadonlyMap<string, OAuthTestTokenValue>
  | ((subject: string) => OAuthTestTokenValue | Promise<OAuthTestTokenValue>);

const LIFETIME_SECONDS = 3600;
const STANDARD: ReadonlySet<string> = new Set([
  ...['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'id_token'],
]);
const USER_GRANTS: readonly unknown[] = [
  undefined,
  'authorization_code',
  'password',
  'implicit',
  'device_code',
];

/** Whether tokens of the client belong to users: these have one already, machines fetch theirs. */
export function actsForUsers({ grant }: Pick<OAuthClientOptions, 'grant'>): boolean {
  return USER_GRANTS.includes(grant);
}

/** Makes the tokens of one client, each with a name that a test can read. */
export class TestTokens {
  readonly #client: string;
  readonly #token: OAuthTestToken;
  readonly #clock: TestClock;
  readonly #counts = new Map<string, number>();
  /** What the test's own tokens say besides, such as where the API is: renewed ones say it, too. */
  readonly #extras = new Map<string, Record<string, unknown>>();
  /** Whose each token is, access and refresh tokens alike. */
  readonly #owners = new Map<string, string>();

  constructor(client: string, token: OAuthTestToken, clock: TestClock) {
    this.#client = client;
    const given = token instanceof Map ? [...token.values()] : [token];
    for (const one of given) if (typeof one !== 'function') judge(client, one);
    this.#token = token;
    this.#clock = clock;
  }

  /** The token that a subject has by the test's own word; `null` for none. */
  async given(subject: string): Promise<TokenResponse | null> {
    const value = await this.#valueOf(subject);
    if (value === null) return null;
    const response = typeof value === 'object' ? wireForm(value, this.#clock) : undefined;
    if (response) {
      this.#extras.set(subject, extrasOf(response));
      return this.#noted(response, subject);
    }
    const made = this.next(subject, { refresh: true });
    return typeof value === 'string'
      ? this.#noted({ ...made, access_token: value }, subject)
      : made;
  }

  /** A token that was not there before: `github-alice-1`, `github-alice-2` and so on. */
  next(subject: string, { refresh }: { refresh: boolean }): TokenResponse {
    const parts = [this.#client, ...(subject === '' ? [] : [subject])];
    const stem = parts.map((part) => part.replace(/[^\w.~-]/g, '_')).join('-');
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    const response: TokenResponse = {
      ...this.#extras.get(subject),
      access_token: `${stem}-${count}`,
      token_type: 'Bearer',
      expires_in: LIFETIME_SECONDS,
      ...(refresh && { refresh_token: `${stem}-refresh-${count}` }),
    };
    return this.#noted(response, subject);
  }

  /** Whose a token is. */
  ownerOf(token: string | undefined): string | undefined {
    return token === undefined ? undefined : this.#owners.get(token);
  }

  /** Says whose a token is. */
  belongsTo(token: string, owner: string): void {
    this.#owners.set(token, owner);
  }

  async #made(
    make: (subject: string) => OAuthTestTokenValue | Promise<OAuthTestTokenValue>,
    subject: string,
  ): Promise<OAuthTestTokenValue> {
    try {
      const made = await make(subject);
      judge(this.#client, made);
      return made;
    } catch (cause) {
      throw new TokenStoreError({
        client: this.#client,
        problem: `The test's own token function failed: ${String(cause)}`,
        remedy: 'Mend it where the test sets up this client.',
        cause,
      });
    }
  }

  #noted(response: TokenResponse, subject: string): TokenResponse {
    for (const token of [response.access_token, response.refresh_token]) {
      if (token !== undefined) this.#owners.set(token, subject);
    }
    return response;
  }

  async #valueOf(subject: string): Promise<OAuthTestTokenValue> {
    if (typeof this.#token === 'function') return this.#made(this.#token, subject);
    if (!(this.#token instanceof Map)) return this.#token as OAuthTestTokenValue;
    // Who is not in the list is not connected.
    return this.#token.has(subject) ? (this.#token.get(subject) as OAuthTestTokenValue) : null;
  }
}

/** A test that gives no token where it means to would test something else. */
function judge(client: string, token: unknown): void {
  if (token === undefined || token === null || token instanceof TokenSet) return;
  const text = isRecord(token) ? token['access_token'] : token;
  if (typeof text === 'string' && text !== '') return;
  throw new Error(
    `The token that the test gives the client "${client}" is none. Give a text, a token response ` +
      `with an access_token, a TokenSet, null for none, or a Map or a function that answers these.`,
  );
}

function extrasOf(response: TokenResponse): Record<string, unknown> {
  return Object.fromEntries(Object.entries(response).filter(([name]) => !STANDARD.has(name)));
}

function wireForm(token: TokenResponse | TokenSet, clock: TestClock): TokenResponse {
  if (!(token instanceof TokenSet)) return token;
  const { accessToken, tokenType, refreshToken, expiresAt, scope } = token;
  return {
    access_token: accessToken,
    token_type: tokenType,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(expiresAt !== undefined && { expires_in: Math.round(expiresAt - clock.now() / 1000) }),
    ...(scope.length > 0 && { scope: scope.join(' ') }),
  };
}
