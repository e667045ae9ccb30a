import type { OnApplicationBootstrap } from '@nestjs/common';
import {
  ConfigurationError,
  MemoryTokenStore,
  OAuthClientCustomizer,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from '../index.js';
import { OAuthTestClient } from './oauth-test-client.js';
import { withoutUndefined, type OAuthTestClientOptions } from './oauth-test-client.options.js';
import { isRecord } from './oauth-test-request.js';
import { SeededTokenStore, SplitRequestStore, SplitTokenStore } from './oauth-test-store.js';
import { TestClock } from './test-clock.js';

const OF_TLS = ['httpsAgent', 'ca', 'cert', 'key', 'passphrase'];

/** What gives a provider by its token: a testing module, or a Nest application. */
export interface OAuthTestModule {
  /** As in Nest. */
  get(token: unknown, options: { strict: boolean }): unknown;
}

/**
 * The test side of an application whose clients are tested: what they were asked, and the clock that
 * the module goes by.
 *
 * @example
 * ```ts
 * const kit = OAuthTestKit.of(module);
 * kit.clock.advance(3600);                  // tokens end
 * await service.list('alice');              // renewed
 * expect(kit.client('github').tokenRequests).toMatchObject([{ grantType: 'refresh_token' }]);
 * kit.reset();
 * ```
 */
export class OAuthTestKit extends OAuthClientCustomizer implements OnApplicationBootstrap {
  readonly #clients = new Map<string, OAuthTestClient>();
  readonly #known = new Set<string>();
  readonly #whose: 'all' | 'its own';
  #isUsed = false;
  #transport: OAuthClientModuleOptions['transport'];
  #routes: OAuthClientModuleOptions['routes'];

  /** The time of the module, for all of its clients. */
  readonly clock = new TestClock();

  /** @internal `OAuthTestKit.of(module)` gives it. */
  constructor(whose: 'all' | 'its own' = 'its own') {
    super();
    this.#whose = whose;
  }

  /**
   * The kit of an application, or of a module, that was set up with `OAuthClientTestingModule` or
   * `overrideOAuthClient()`.
   *
   * @throws Error for any other.
   */
  static of(module: OAuthTestModule): OAuthTestKit {
    const found = module.get(OAuthClientCustomizer, { strict: false });
    if (found instanceof OAuthTestKit) return found;
    throw new Error(
      'This application has no test kit: import OAuthClientTestingModule.forRoot() in place of the ' +
        'root module, or call overrideOAuthClient(builder, name) before compile().',
    );
  }

  /**
   * A client of the test.
   *
   * @throws Error for a name that the test did not set up; it lists those that it did.
   * @throws ConfigurationError for one that the application does not have.
   */
  client(name: string): OAuthTestClient {
    const client = this.#clients.get(name);
    if (client && this.#isUsed) this.#demand([client]);
    if (client) return client;
    const known = [...this.#clients.keys()].join(', ') || 'none';
    throw new Error(`The test has set up no client "${name}". It has set up: ${known}.`);
  }

  /** As `reset()` of every client. The clock and the tokens stay as they are. */
  reset(): void {
    for (const client of this.#clients.values()) client.reset();
  }

  /** @internal Sets up a client. */
  add(name: string, options: OAuthTestClientOptions): void {
    if (this.#clients.has(name)) {
      throw new Error(`The client "${name}" is set up twice; give all its options in one place.`);
    }
    if (this.#isUsed) {
      throw new Error(`The client "${name}" is set up too late: do so before compile().`);
    }
    this.#clients.set(name, new OAuthTestClient(name, options, this.clock));
  }

  /** @internal */
  override moduleOptions(options: OAuthClientModuleOptions): OAuthClientModuleOptions {
    const { store = new MemoryTokenStore(), authorizationRequestStore: requests } = options;
    const { transport, ...rest } = options;
    this.#isUsed = true;
    this.#routes = options.routes;
    const own = new SeededTokenStore(async ({ client, subject, variant }) => {
      return variant === undefined ? this.#clients.get(client)?.seed(subject) : undefined;
    });
    const isOwn = (client: string) => this.#clients.has(client);
    // Certificates for all do not go with the agents of one: the others are given them one by one.
    const isMoved = isRecord(transport) && OF_TLS.some((option) => option in transport);
    this.#transport = isMoved ? transport : undefined;
    return {
      ...rest,
      ...(transport !== undefined && !isMoved && { transport }),
      clock: this.clock,
      // What is no store is left in its place, to be reported at boot like any mistake.
      store: isRecord(store) && 'get' in store ? new SplitTokenStore(own, store, isOwn) : store,
      ...(isRecord(requests) && 'save' in requests
        ? { authorizationRequestStore: new SplitRequestStore(requests, isOwn) }
        : {}),
    };
  }

  /** @internal */
  override clientOptions(name: string, options: OAuthClientOptions): OAuthClientOptions {
    this.#known.add(name);
    const client = this.#clients.get(name);
    if (client) return client.options(options, this.#isRouted(name));
    if (this.#whose === 'all') {
      throw new ConfigurationError({
        client: name,
        problem: 'The application under test declares this client, and the test sets up none.',
        remedy: `Add ${name}: { registeredLater: true } in OAuthClientTestingModule.forRoot().`,
      });
    }
    if (!this.#transport) return options;
    const transport = { ...this.#transport, ...withoutUndefined(options.transport ?? {}) };
    return { ...options, transport };
  }

  /** Looks whether every client is there: a misspelt name would leave the real one in its place. */
  onApplicationBootstrap(): void {
    this.#demand([...this.#clients.values()]);
  }

  #isRouted(name: string): boolean {
    const routes = this.#routes;
    return isRecord(routes) && (!Array.isArray(routes.clients) || routes.clients.includes(name));
  }

  #demand(clients: readonly OAuthTestClient[]): void {
    const missing = clients.filter((one) => one.isDemanded && !one.isDeclared);
    if (missing.length === 0) return;
    throw ConfigurationError.from(
      missing.map(({ name }) => ({
        client: name,
        option: 'clients',
        problem: 'The test sets up a client that the application does not have.',
        remedy: `Name one of ${[...this.#known].join(', ') || 'none'}, or set registeredLater.`,
      })),
    );
  }
}
