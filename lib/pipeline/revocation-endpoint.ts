import { TokenEndpointError } from '../errors/endpoint.errors.js';
import { fingerprint } from '../protocol/fingerprint.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { Clock } from './clock.js';
import type { EndpointCaller } from './endpoint-caller.js';
import type { ClientSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';
import type { ServerMetadata } from './server-metadata.js';
import { errorWord, type TokenEvent, type TokenEventBus } from './token-events.js';

/** What kind of token is meant. RFC 7009, section 2.1; RFC 7662, section 2.1. */
export type TokenTypeHint = 'access_token' | 'refresh_token';

/** What tokens are revoked with. */
interface RevocationParts {
  readonly metadata: ServerMetadata;
  readonly caller: EndpointCaller;
  readonly events: TokenEventBus;
  readonly clock: Clock;
}

/** Tells the server that a token is not needed any more. RFC 7009. */
export class RevocationEndpoint {
  readonly #settings: ClientSettings;
  readonly #metadata: ServerMetadata;
  readonly #caller: EndpointCaller;
  readonly #events: TokenEventBus;
  readonly #clock: Clock;

  constructor(settings: ClientSettings, parts: RevocationParts) {
    this.#settings = settings;
    this.#metadata = parts.metadata;
    this.#caller = parts.caller;
    this.#events = parts.events;
    this.#clock = parts.clock;
  }

  /** Whether an address to revoke at is configured, or was discovered already. */
  get known(): boolean {
    const discovered = this.#metadata.known?.revocation_endpoint;
    return this.#settings.endpoints.revocation !== undefined || discovered !== undefined;
  }

  /**
   * Revokes what is stored: the refresh token, then the access token, whatever came of the first;
   * with a hint, that one alone. A server that revokes no access tokens (RFC 7009, section 2.2.1)
   * has done all that it can once the refresh token is revoked.
   */
  async revokeStored(binding: GrantBinding, stored: TokenSet, hint?: TokenTypeHint): Promise<void> {
    const { refreshToken, accessToken } = stored;
    const revokes = (type: TokenTypeHint) =>
      hint === undefined ? this.#settings.revocableTokens.has(type) : hint === type;
    const asked: [TokenTypeHint, string][] = [];
    if (refreshToken !== undefined && revokes('refresh_token'))
      asked.push(['refresh_token', refreshToken]);
    if (revokes('access_token')) asked.push(['access_token', accessToken]);
    const about = { startedAt: performance.now(), fingerprint: stored.fingerprint };
    const revoked: TokenTypeHint[] = [];
    const refused: TokenTypeHint[] = [];
    let failure: unknown;
    // In this order: at many servers the first ends the grant, and there is nothing left to end.
    for (const [type, token] of asked) {
      try {
        await this.#call(binding, token, type, stored);
        revoked.push(type);
      } catch (error) {
        if (revoked.length > 0 && isNeedless(error)) continue;
        refused.push(type);
        failure = error;
      }
    }
    if (revoked.length > 0) this.#announce(binding, { ...about, tokenTypes: revoked });
    if (refused.length === 0) return;
    this.#announce(binding, { ...about, tokenTypes: refused, failure });
    throw failure;
  }

  /** Revokes one token; any 2xx is success. */
  async revoke(binding: GrantBinding, token: string, hint?: TokenTypeHint): Promise<void> {
    const about = {
      startedAt: performance.now(),
      ...(hint && { tokenTypes: [hint] }),
      ...(hint !== 'refresh_token' && { fingerprint: fingerprint(token) }),
    };
    try {
      await this.#call(binding, token, hint);
    } catch (failure) {
      this.#announce(binding, { ...about, failure });
      throw failure;
    }
    this.#announce(binding, about);
  }

  /** @param stored - The token set that it is of, where it was forgotten for this. */
  async #call(
    binding: GrantBinding,
    token: string,
    hint?: TokenTypeHint,
    stored?: TokenSet,
  ): Promise<void> {
    await this.#caller.call(binding, {
      endpoint: 'revocation',
      form: new URLSearchParams({ token, ...(hint && { token_type_hint: hint }) }),
      authentication: this.#settings.revocationAuthentication,
      hook: 'revoke_token_request',
      token: stored,
      remedy: stored
        ? 'The token is forgotten here; revoke it at the provider if it must end there, too.'
        : 'Check revocationEndpoint, and whether the client may revoke the token there.',
    });
  }

  #announce(
    { key }: GrantBinding,
    about: Pick<TokenEvent, 'tokenTypes' | 'fingerprint'> & {
      readonly startedAt: number;
      readonly failure?: unknown;
    },
  ): void {
    const { startedAt, failure, ...more } = about;
    this.#events.emit(key, {
      type: 'failure' in about ? 'revocation_failed' : 'revoked',
      at: this.#clock.now(),
      durationMs: Math.round(performance.now() - startedAt),
      ...more,
      ...('failure' in about && { error: errorWord(failure) }),
    });
  }
}

/** What is said of an access token that is not revoked for itself, or ended with its grant. */
function isNeedless(error: unknown): boolean {
  const code = error instanceof TokenEndpointError ? error.error : undefined;
  return code === 'unsupported_token_type' || code === 'invalid_token';
}
