import type { Observable } from 'rxjs';
import type { TokenEvent } from '../pipeline/token-events.js';
import { ClientFigures } from './client-figures.js';
import type { ClientDirectory } from './client-directory.js';
import type { ConnectUrlOptions } from './connect-urls.js';
import {
  FleetChecks,
  type ServerCheck,
  type ServerCheckOptions,
  type StoreCheckOptions,
} from './fleet-checks.js';
import { FleetRenewal } from './fleet-renewal.js';
import {
  FleetStatus,
  type OAuthClientStatus,
  type OAuthClientStatusOptions,
} from './fleet-status.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import type { OAuthSession } from './oauth-session.js';
import { disconnectAll, type DisconnectReport } from './user-sign-out.js';
import type { RenewalProgress, RenewExpiringOptions } from './renewal-progress.js';

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
  readonly #figures: ClientFigures;

  /** @internal Inject it; the module makes it. */
  constructor(directory: ClientDirectory) {
    this.#directory = directory;
    this.#figures = new ClientFigures(directory.shared.events, directory.shared.feed);
  }

  /** What happens to the tokens of all clients; never carries a secret. */
  get events$(): Observable<TokenEvent> {
    return this.#directory.shared.events.events$;
  }

  /**
   * The session of a client that the application itself configures; see
   * {@link OAuthClientRegistry.resolve} for those of its repository.
   *
   * @throws ConfigurationError for an unknown name; it lists the known ones.
   */
  get(name: string): OAuthSession {
    if (!this.#directory.has(name)) throw this.#directory.unknown(name);
    return this.#directory.session(name);
  }

  /**
   * The session of a client by name, wherever its options are: at once for one that the application
   * configures, else from `registrations.repository`. Its options are read once for all who ask,
   * judged, kept, and read again when they changed; a session that is held goes on with the newest.
   * Interceptors and hooks that were added to a session, not by a class, end with former options.
   *
   * @param name - May come from outside: 1 to 200 characters, none of them a control character.
   * @throws ConfigurationError for a name that nobody knows, and for mistakes in the options;
   * RegistrationUnavailableError when the repository fails or gives no answer within 10 seconds.
   *
   * @example
   * ```ts
   * const crm = await registry.resolve(`crm-${tenantId}`);
   * const { data } = await firstValueFrom(crm.for(userId).get('/contacts'));
   * ```
   */
  async resolve(name: string): Promise<OAuthSession> {
    return this.#directory.resolve(name);
  }

  /**
   * Signs a user out everywhere: revokes their grants at each client's server and forgets them here,
   * whatever the servers say. With a store that lists its keys that includes clients of the
   * repository, and clients that are gone, whose grants are forgotten and reported as not revoked;
   * without, the clients that the application configures. RFC 7009.
   *
   * @throws ConfigurationError for what is no subject; what fails is in the report.
   *
   * @example
   * ```ts
   * const { clients } = await registry.disconnectAll(userId);
   * for (const { error } of clients) if (error) logger.warn(error.message);
   * ```
   */
  async disconnectAll(subject: string): Promise<DisconnectReport> {
    const { work } = this.#directory.shared;
    return work.run('sign-out of a user', () => disconnectAll(this.#directory, subject));
  }

  /** Whether the application configures a client of this name; a repository is not asked. */
  has(name: string): boolean {
    return this.#directory.has(name);
  }

  /** The names of all clients that the application configures; none of a repository. */
  names(): string[] {
    return this.#directory.names();
  }

  /**
   * The full address by which a user begins to connect their account, for a mail or a message: the
   * authorize route of the application itself, where the user has to be signed in. It holds no
   * state and does not end.
   *
   * @throws ConfigurationError without the option `routes`, for a client that does not take part,
   * and where neither `routes.origin` nor a redirect URI at these routes says which host it is.
   *
   * @example
   * ```ts
   * const url = registry.connectUrl('github', { returnTo: '/settings', scope: ['repo'] });
   * ```
   */
  connectUrl(client: string, options: ConnectUrlOptions = {}): string {
    return this.#directory.connectUrls.of(client, options);
  }

  /**
   * Adds a client while the application runs.
   *
   * @throws ConfigurationError when the name is taken or the options have mistakes.
   */
  register(name: string, options: OAuthClientOptions): OAuthSession {
    const session = this.#directory.register(name, options);
    this.#figures.forget(name);
    return session;
  }

  /**
   * Removes a client, after its renewals in flight. Its stored tokens stay, for a client that is
   * registered under the same name later: clear them before another provider takes the name.
   */
  async unregister(name: string): Promise<void> {
    await this.#directory.remove(name);
  }

  /**
   * How clients are doing, for an admin page: their grants in the store, what failed, whether the
   * token endpoint is left alone. Clients that only the store knows, such as tenants of another
   * application or of before, come last, with `configured: false`.
   *
   * The store is listed, and up to 10,000 records of each client are read, ten at a time, for 10
   * seconds at most; nothing of them is kept, nor put into the near cache. A store that hashes
   * subjects (`EncryptedTokenStore`) reads records it has not met once more. `{ limit: 0 }` counts
   * without reading, `{ grants: false }` asks nothing of the store; a store without `keys` is not
   * asked either way. What fails in the store is said by `grants.incomplete`. All other figures are
   * of this process alone.
   *
   * @throws ConfigurationError for options that do not exist or cannot be.
   *
   * @example
   * ```ts
   * for (const { client, grants, lastError } of await registry.status({ within: 3600 })) {
   *   console.log(client, grants?.total, grants?.notRenewable, lastError?.code);
   * }
   * ```
   */
  status(options: OAuthClientStatusOptions = {}): Promise<OAuthClientStatus[]> {
    return new FleetStatus(this.#directory, this.#figures).of(options);
  }

  /**
   * Renews every user's grant that ends soon or has ended, as for a nightly job: under the same
   * lease and single flight as ever, a few at a time. Replicas may run it at the same time: what one
   * has renewed, the others skip. Machine grants are left out, since they cost nothing to get, and
   * so are variants, which come from their grant. A grant that fails never ends the run.
   *
   * Cold: a run begins with each subscription; unsubscribing begins no other renewal and breaks off
   * none. Emits once for each grant that is due, and once at the end, with `finished`. What an
   * observer throws, and an error that nobody listens for, is logged.
   *
   * @throws ConfigurationError, as the error of the Observable, for options that cannot be, an
   * unknown client, or a store without `keys`; TokenStoreError when the store does not list its keys
   * to the end.
   *
   * @example
   * ```ts
   * const progress$ = registry.renewExpiring({ within: 24 * 3600 });
   * const { renewed, ended, failed } = await lastValueFrom(progress$);
   * ```
   */
  renewExpiring(options: RenewExpiringOptions): Observable<RenewalProgress> {
    return new FleetRenewal(this.#directory).run$(options);
  }

  /**
   * Whether the authorization servers are there: reads the metadata of each client that has an
   * `issuer` or a `metadataUrl` (others are left out), once a minute at most, and once for all
   * clients that have the same of them and reach it in the same way. Makes no token
   * request. Clients that it did not come to in time are left out, too, and are asked the next time.
   *
   * @throws ConfigurationError for options that cannot be, and an unknown client.
   */
  checkServers(options: ServerCheckOptions = {}): Promise<ServerCheck[]> {
    return new FleetChecks(this.#directory).servers(options);
  }

  /**
   * Whether the token store is there: reads a record that does not exist.
   *
   * @throws TokenStoreError when it does not answer, or not in time; ConfigurationError for options
   * that cannot be.
   */
  checkStore(options: StoreCheckOptions = {}): Promise<void> {
    return new FleetChecks(this.#directory).store(options);
  }
}
