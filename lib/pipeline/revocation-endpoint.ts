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
