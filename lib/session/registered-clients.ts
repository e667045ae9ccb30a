import type { AxiosAdapter } from 'axios';
import { LRUCache } from 'lru-cache';
import {
  ConfigurationError,
  RegistrationUnavailableError,
} from '../errors/configuration.errors.js';
import { AddressGuard } from '../pipeline/address-guard.js';
import type { SharedParts } from '../pipeline/client-parts.js';
import { SingleFlight } from '../pipeline/single-flight.js';
import { Slots } from '../pipeline/slots.js';
import { AllowedHosts } from '../protocol/allowed-hosts.js';
import { defined } from '../protocol/defined.js';
import { withinLimit } from '../protocol/time-limit.js';
import {
  REGISTRATIONS_DEFAULTS,
  type ClientRegistrationsOptions,
} from './client-registration.repository.js';
import type { ClientRuntime } from './client-runtime.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import type { OAuthSession } from './oauth-session.js';
import { optionProblems } from './option-problems.js';
import { isObject } from './option-values.js';
import { registeredProblems } from './option-registrations.js';
import { RegisteredClient, type RegisteredClientKeeper } from './registered-client.js';
import { optionsAsTheyAre } from './registered-options.js';
import { followChanges } from './registration-changes.js';
import { demandName } from './client-names.js';

/** How long the repository may take for one answer, in milliseconds. */
const LIMIT_MS = 10_000;
/** How long the repository is not asked again for a client that it did not know. */
const ABSENT_MS = 5_000;
/** How long it is left alone after it failed, while what was read before stays in use. */
const RETRY_MS = 10_000;
const MAX_ABSENT = 1_000;
/** How many clients are read again at a time when the repository tells of many changes. */
const READS_AT_ONCE = 8;
/** How often a client is read again that goes on changing while it is read. */
const MAX_READS = 3;

/** What the clients of a repository are made with. */
export interface RegisteredClientsParts {
  readonly shared: SharedParts;
  readonly defaults: OAuthClientDefaults;
  /** The client of this name in the application's own configuration. */
  readonly configured: RegisteredClientKeeper['configured'];
  /** Puts a client together whose options were judged. */
  readonly make: (
    name: string,
    options: OAuthClientOptions,
    guard: AddressGuard,
    adapter: AxiosAdapter,
  ) => ClientRuntime;
}

/**
 * The clients of a repository: read by name when they are asked for, once for all who ask, judged,
 * kept ready within bounds, and read again when they changed or grow old.
 */
export class RegisteredClients {
  readonly #options: ClientRegistrationsOptions &
    Record<keyof typeof REGISTRATIONS_DEFAULTS, number>;
  readonly #parts: RegisteredClientsParts;
  readonly #allowedHosts: AllowedHosts;
  readonly #flights = new SingleFlight<RegisteredClient | undefined>();
  /** Those that are ready for use, held until others need the room. */
  readonly #ready: LRUCache<string, RegisteredClient>;
  /** All that anybody holds a session of: there is one client to a name, ready or not. */
  readonly #held = new Map<string, WeakRef<RegisteredClient>>();
  readonly #dropped = new FinalizationRegistry<string>((name) => {
    if (!this.#known(name)) this.#held.delete(name);
  });
  readonly #absent = new LRUCache<string, number>({ max: MAX_ABSENT });
  /** Clients that changed while they were read. */
  readonly #changed = new Set<string>();
  readonly #slots = new Slots('registrations', READS_AT_ONCE);
  #following = false;

  constructor(options: ClientRegistrationsOptions, parts: RegisteredClientsParts) {
    this.#options = { ...REGISTRATIONS_DEFAULTS, ...defined(options) };
    this.#parts = parts;
    this.#allowedHosts = new AllowedHosts(options.allowedHosts ?? []);
    this.#ready = new LRUCache({
      max: this.#options.maxClients,
      dispose: (client) => client.unload(),
    });
  }

  /** The session of a client; see `OAuthClientRegistry.resolve()`. */
  async resolve(name: string): Promise<OAuthSession> {
    demandName(name);
    this.#follow();
    const known = this.#known(name);
    const isFresh = known && !known.failure && this.#now() < known.readAgainAt;
    const client = isFresh ? known : await this.#read(name);
    if (!client) throw unknown(name);
    // Throws what is wrong with it; what only shows when it is put together does so here, too.
    void client.runtime;
    return client.session;
  }

  #known(name: string): RegisteredClient | undefined {
    return this.#held.get(name)?.deref();
  }

  async #read(name: string): Promise<RegisteredClient | undefined> {
    if (this.#now() < (this.#absent.get(name) ?? 0)) return undefined;
    const { work } = this.#parts.shared;
    return this.#flights.run(name, () =>
      work.run('reading of a client registration', () => this.#load(name)),
    );
  }

  async #load(name: string): Promise<RegisteredClient | undefined> {
    const known = this.#known(name);
    let options: OAuthClientOptions | null | undefined;
    try {
      options = optionsAsTheyAre(await this.#find(name));
    } catch (cause) {
      if (!known || known.failure) throw unavailable(name, cause);
      known.readAgainAt = this.#now() + Math.min(RETRY_MS, this.#maxAgeMs);
      return known;
    }
    if (options === undefined || options === null) {
      this.#absent.set(name, this.#now() + ABSENT_MS);
      this.#refuse(known, unknown(name));
      return undefined;
    }
    const problems = this.#problems(name, options);
    if (problems.length > 0) {
      const mistakes = ConfigurationError.from(problems);
      this.#refuse(known, mistakes);
      throw mistakes;
    }
    const client = known ?? this.#hold(name, options);
    client.renew(options);
    client.readAgainAt = this.#changed.delete(name) ? 0 : this.#now() + this.#maxAgeMs;
    return client;
  }

  async #find(name: string): Promise<OAuthClientOptions | null | undefined> {
    const { repository } = this.#options;
    for (let reads = 1; ; reads += 1) {
      this.#changed.delete(name);
      // The promise of a repository may be of another library; what it throws is a failure, too.
      const found = await withinLimit((async () => repository.find(name))(), LIMIT_MS);
      if (!this.#changed.has(name) || reads === MAX_READS) return found;
    }
  }

  #problems(name: string, options: OAuthClientOptions): ReturnType<typeof optionProblems> {
    const problems = optionProblems(name, options, this.#parts.defaults);
    if (!isObject(options)) return problems;
    const named = new Set(problems.map(({ option }) => option));
    const own = registeredProblems(options, this.#guard(name, options));
    const more = own.filter(({ option }) => !named.has(option));
    return [...problems, ...more.map((problem) => ({ client: name, ...problem }))];
  }

  #guard(client: string, { allowInsecureHttp }: OAuthClientOptions): AddressGuard {
    const allowedHosts = this.#allowedHosts;
    return new AddressGuard({
      client,
      allowedHosts,
      allowInsecureHttp: allowInsecureHttp === true,
    });
  }

  #refuse(known: RegisteredClient | undefined, failure: ConfigurationError): void {
    if (!known) return;
    known.fail(failure);
    known.readAgainAt = this.#now() + ABSENT_MS;
    this.#ready.delete(known.name);
  }

  #hold(name: string, options: OAuthClientOptions): RegisteredClient {
    const client = new RegisteredClient(name, options, {
      configured: this.#parts.configured,
      used: (used) => this.#used(used),
      make: (_name, current, adapter) =>
        this.#parts.make(name, current, this.#guard(name, current), adapter),
    });
    this.#held.set(name, new WeakRef(client));
    this.#dropped.register(client, name);
    return client;
  }

  /** A session in use: its client is ready, and read again in the background once it is old. */
  #used(client: RegisteredClient): void {
    const { name, failure } = client;
    if (!failure && this.#ready.get(name) !== client) this.#ready.set(name, client);
    if (this.#now() < client.readAgainAt || this.#parts.shared.work.closing) return;
    client.readAgainAt = this.#now() + RETRY_MS;
    this.#read(name).catch(() => undefined);
  }

  #follow(): void {
    if (this.#following || this.#parts.shared.work.closing) return;
    this.#following = true;
    followChanges(this.#options.repository, this.#parts.shared.work.ending$, {
      changed: (name) => this.#reread(name),
      missed: () => {
        this.#absent.clear();
        for (const name of this.#held.keys()) {
          const client = this.#known(name);
          if (client) client.readAgainAt = 0;
        }
      },
    });
  }

  #reread(name: string): void {
    this.#absent.delete(name);
    if (this.#flights.inFlight(name)) this.#changed.add(name);
    const known = this.#known(name);
    if (!known) return;
    known.readAgainAt = 0;
    this.#slots
      .enter()
      .then((leave) => this.#read(name).finally(leave))
      .catch(() => undefined);
  }

  get #maxAgeMs(): number {
    return Math.max(1, this.#options.maxAgeSeconds * 1000);
  }

  #now(): number {
    return this.#parts.shared.clock.now();
  }
}

/** Names no other client: the name may have come from anybody. */
function unknown(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: 'No client is configured or registered under this name.',
    remedy: 'Check the name, and the registration that it is to have.',
  });
}

function unavailable(client: string, cause: unknown): RegistrationUnavailableError {
  return new RegistrationUnavailableError({
    client,
    problem: 'The repository of registrations failed, or gave no answer in time.',
    remedy: 'Try again later; look why it failed.',
    cause,
  });
}
