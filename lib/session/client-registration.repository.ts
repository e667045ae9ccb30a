import type { Observable } from 'rxjs';
import type { OAuthClientOptions } from './oauth-client.options.js';

/**
 * Where an application keeps the options of clients that are not in its code, such as those of its
 * tenants. Read through `OAuthClientRegistry.resolve()`, which judges and caches what it finds.
 *
 * A user's grant is of the registration that it was obtained under. Under one with another
 * `clientId`, `issuer`, `metadataUrl` or `tokenEndpoint`, or with another origin to which tokens are
 * sent (`baseURL`, `allowedOrigins`, the revocation, introspection and userinfo endpoints), it counts
 * as not connected: who may edit a registration does not get the tokens of its users. A grant from
 * before its client came from a repository is taken over as it is.
 *
 * @example
 * ```ts
 * @Injectable()
 * class TenantClients implements ClientRegistrationRepository {
 *   async find(name: string): Promise<OAuthClientOptions | undefined> {
 *     const row = await this.table.findOneBy({ name });
 *     return row?.options;
 *   }
 * }
 * ```
 */
export interface ClientRegistrationRepository {
  /**
   * The options of a client; `undefined` where there is no such client.
   *
   * @param name - As it was given to `resolve()`, which may be part of an address that anybody can
   * call: 1 to 200 characters, none of them a control character.
   */
  find(name: string): Promise<OAuthClientOptions | undefined>;
  /**
   * The names of clients whose options were changed or deleted, by any process. They are read again
   * at once where they are in use; without it, once they are older than `maxAgeSeconds`. When it
   * errors it is subscribed to again, and everything is read again at its next use.
   */
  readonly changes$?: Observable<string>;
}

/** Clients that come from a repository, and what they may connect to. */
export interface ClientRegistrationsOptions {
  /** Where their options are. */
  repository: ClientRegistrationRepository;
  /**
   * Hosts that these clients may call although they are on private addresses: exact names
   * (`login.internal`), names below one (`*.corp.example`), IP addresses; with a port
   * (`localhost:8443`), at that one alone. `http://` is possible at these hosts alone, and only for
   * a client that sets `allowInsecureHttp`. All other hosts must be https on public addresses,
   * judged as they are connected to.
   *
   * @defaultValue none
   */
  allowedHosts?: readonly string[];
  /**
   * Seconds after which the options of a client are read again; the old ones stay in use while the
   * repository is down.
   *
   * @defaultValue `300`
   */
  maxAgeSeconds?: number;
  /**
   * How many of these clients are kept ready for use. One more ends the readiness of the one that
   * was used longest ago: its sessions go on to work, at the cost of making it ready again.
   *
   * @defaultValue `1000`
   */
  maxClients?: number;
}

/** What is used where the options leave it open. */
export const REGISTRATIONS_DEFAULTS = { maxAgeSeconds: 300, maxClients: 1_000 } as const;
