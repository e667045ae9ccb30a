import type { Observable } from 'rxjs';
import type { TokenEvent } from '../pipeline/token-events.js';
import type { ClientDirectory } from './client-directory.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import type { OAuthSession } from './oauth-session.js';

/**
 * Every client of the application by name, and the way to clients that are known at run time only:
 * tenants, admin screens.
 *
 * @example
 * ```ts
 * const session = registry.register('tenant-42', { issuer, clientId, clientSecret, baseURL });
 * ```
 */
export class OAuthClientRegistry {
  readonly #directory: ClientDirectory;

  /** @internal Inject it; the module makes it. */
  constructor(directory: ClientDirectory) {
    this.#directory = directory;
  }

  /** What happens to the tokens of all clients; never carries a secret. */
  get events$(): Observable<TokenEvent> {
    return this.#directory.shared.events.events$;
  }

  /**
   * The session of a client.
   *
   * @throws ConfigurationError for an unknown name; it lists the known ones.
   */
  get(name: string): OAuthSession {
    if (!this.#directory.has(name)) throw this.#directory.unknown(name);
    return this.#directory.session(name);
  }

  /** Whether there is a client of this name. */
  has(name: string): boolean {
    return this.#directory.has(name);
  }

  /** The names of all clients. */
  names(): string[] {
    return this.#directory.names();
  }

  /**
   * Adds a client while the application runs.
   *
   * @throws ConfigurationError when the name is taken or the options have mistakes.
   */
  register(name: string, options: OAuthClientOptions): OAuthSession {
    return this.#directory.register(name, options);
  }

  /**
   * Removes a client, after its renewals in flight. Its stored tokens stay, for a client that is
   * registered under the same name later: clear them before another provider takes the name.
   */
  async unregister(name: string): Promise<void> {
    await this.#directory.remove(name);
  }
}
