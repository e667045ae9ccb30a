import { TokenEndpointError } from '../errors/endpoint.errors.js';
import type { ComplianceHooks } from '../compliance/compliance.hooks.js';
import { authenticateClient } from '../protocol/client-authentication.js';
import type { TokenEndpointRequest } from '../protocol/http-message.js';
import { normalise } from '../protocol/token-response.normaliser.js';
import { clientSecretOf } from './client-secret.js';
import type { ClientSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';
import { ConnectionFailure, type ServerConnection } from './server-connection.js';
import type { ServerMetadata } from './server-metadata.js';

/** Tells the server that a token is not needed any more. RFC 7009. */
export class RevocationEndpoint {
  readonly #settings: ClientSettings;
  readonly #connection: ServerConnection;
  readonly #metadata: ServerMetadata;
  readonly #hooks: ComplianceHooks;

  constructor(
    settings: ClientSettings,
    connection: ServerConnection,
    metadata: ServerMetadata,
    hooks: ComplianceHooks,
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#metadata = metadata;
    this.#hooks = hooks;
  }

  /** Whether an address to revoke at is configured, or was discovered already. */
  get known(): boolean {
    const discovered = this.#metadata.known?.revocation_endpoint;
    return this.#settings.endpoints.revocation !== undefined || discovered !== undefined;
  }

  /** Revokes one token; any 2xx is success. */
  async revoke(
    binding: GrantBinding,
    token: string,
    hint: 'access_token' | 'refresh_token',
  ): Promise<void> {
    const form = new URLSearchParams({ token, token_type_hint: hint });
    const headers = new Headers({ accept: 'application/json' });
    const { clientId, authentication } = this.#settings;
    const clientSecret = await clientSecretOf(this.#settings);
    authenticateClient(authentication, { clientId, clientSecret }, { headers, form });
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
    const request = await this.#hooks.run(
      'revoke_token_request',
      {
        url: new URL(await this.#metadata.endpoint('revocation')),
        method: 'POST',
        headers,
        body: form,
      } satisfies TokenEndpointRequest,
      { client: binding.client, subject: binding.subject },
    );
    try {
      const response = await this.#connection.send({ ...request, body: String(request.body) });
      if (response.status >= 200 && response.status < 300) return;
      const answer = normalise(response);
      throw this.#error(binding, `answered ${response.status}`, {
        status: response.status,
        ...(answer.kind === 'error' && answer),
      });
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      throw this.#error(binding, `gave ${error.message}`, { status: error.status, cause: error });
    }
  }

  #error(
    binding: GrantBinding,
    what: string,
    details: Partial<ConstructorParameters<typeof TokenEndpointError>[0]>,
  ): TokenEndpointError {
    return new TokenEndpointError({
      ...details,
      client: binding.client,
      subject: binding.subject,
      endpoint: 'revocation',
      problem: `The revocation endpoint ${what}.`,
      remedy: 'The token is forgotten here; revoke it at the provider if it must end there, too.',
    });
  }
}
