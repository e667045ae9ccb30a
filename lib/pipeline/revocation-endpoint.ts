import { TokenEndpointError } from '../errors/endpoint.errors.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { EndpointCaller } from './endpoint-caller.js';
import type { ClientSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';
import type { ServerMetadata } from './server-metadata.js';

/** What kind of token is meant. RFC 7009, section 2.1; RFC 7662, section 2.1. */
export type TokenTypeHint = 'access_token' | 'refresh_token';

/** Tells the server that a token is not needed any more. RFC 7009. */
export class RevocationEndpoint {
  readonly #settings: ClientSettings;
  readonly #metadata: ServerMetadata;
  readonly #caller: EndpointCaller;

  constructor(settings: ClientSettings, metadata: ServerMetadata, caller: EndpointCaller) {
    this.#settings = settings;
    this.#metadata = metadata;
    this.#caller = caller;
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
    const withRefreshToken = refreshToken !== undefined && revokes('refresh_token');
    // In this order: at many servers the first ends the grant, and there is nothing left to end.
    const [first] = await Promise.allSettled([
      withRefreshToken ? this.revoke(binding, refreshToken, 'refresh_token', stored) : undefined,
    ]);
    const isRevoked = withRefreshToken && first.status === 'fulfilled';
    if (revokes('access_token')) {
      const revoked = this.revoke(binding, accessToken, 'access_token', stored);
      await revoked.catch((error: unknown) => {
        if (!(isRevoked && isNeedless(error))) throw error;
      });
    }
    if (first.status === 'rejected') throw first.reason;
  }

  /**
   * Revokes one token; any 2xx is success.
   *
   * @param stored - The token set that it is of, where it was forgotten for this.
   */
  async revoke(
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
}

/** What is said of an access token that is not revoked for itself, or ended with its grant. */
function isNeedless(error: unknown): boolean {
  const code = error instanceof TokenEndpointError ? error.error : undefined;
  return code === 'unsupported_token_type' || code === 'invalid_token';
}
