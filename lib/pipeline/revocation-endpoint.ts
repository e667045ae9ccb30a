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
  async revokeStored(
    binding: GrantBinding,
    { refreshToken, accessToken }: TokenSet,
    hint?: TokenTypeHint,
  ): Promise<void> {
    const withRefreshToken = refreshToken !== undefined && hint !== 'access_token';
    // In this order: at many servers the first ends the grant, and there is nothing left to end.
    const [first] = await Promise.allSettled([
      withRefreshToken ? this.revoke(binding, refreshToken, 'refresh_token') : undefined,
    ]);
    const isRevoked = withRefreshToken && first.status === 'fulfilled';
    if (hint !== 'refresh_token') {
      await this.revoke(binding, accessToken, 'access_token').catch((error: unknown) => {
        if (!(isRevoked && isUnsupported(error))) throw error;
      });
    }
    if (first.status === 'rejected') throw first.reason;
  }

  /** Revokes one token; any 2xx is success. */
  async revoke(binding: GrantBinding, token: string, hint?: TokenTypeHint): Promise<void> {
    await this.#caller.call(binding, {
      endpoint: 'revocation',
      form: new URLSearchParams({ token, ...(hint && { token_type_hint: hint }) }),
      authentication: this.#settings.revocationAuthentication,
      hook: 'revoke_token_request',
      remedy: 'The token is forgotten here; revoke it at the provider if it must end there, too.',
    });
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof TokenEndpointError && error.error === 'unsupported_token_type';
}
