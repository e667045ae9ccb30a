import type { AxiosAdapter } from 'axios';
import type { ExtensionExplorer } from '../compliance/extension.explorer.js';
import { ConfigurationError, type ConfigurationProblem } from '../errors/configuration.errors.js';
import type { AddressGuard } from '../pipeline/address-guard.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { SharedParts } from '../pipeline/client-parts.js';
import type { AuthorizationRequestStore } from '../store/authorization-request-store.js';
import { MemoryTokenStore } from '../store/memory.token-store.js';
import { ConnectUrls } from './connect-urls.js';
import type { ClientRegistrationsOptions } from './client-registration.repository.js';
import { customized, type ClientCustomizer } from './client-customizer.js';
import { createClientRuntime, type ClientRuntime } from './client-runtime.js';
import { clientSettings } from './client-settings.factory.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { resolveGrant } from './grant.resolver.js';
import { OAuthSession } from './oauth-session.js';
import { RegisteredClients } from './registered-clients.js';
import { DeclaredHandle } from './declared-handle.js';
import { configuredTwice, demandName, nameTaken, noName, unknownClient } from './client-names.js';
import { optionProblems } from './option-problems.js';

interface Entry {
  readonly session: OAuthSession;
  readonly declared: OAuthClientOptions[];
  runtime?: ClientRuntime;
}

/**
 * Every client of one application, by name, in whatever order modules declare and name them:
 * sessions exist at once, options are judged together at boot, and a client is put together when it
 * is first used.
 */
export class ClientDirectory {
  readonly #entries = new Map<string, Entry>();
  readonly #moduleProblems: ConfigurationProblem[] = [];
  readonly #checks: (() => ConfigurationProblem[])[] = [];
  /** Where users of the application connect their accounts. */
  readonly connectUrls = new ConnectUrls();
  #booted = false;

  readonly #shared: SharedParts;
  readonly #requests: AuthorizationRequestStore;
  readonly #defaults: OAuthClientDefaults;
  readonly #extensions: ExtensionExplorer;
  readonly #customizer: ClientCustomizer;

  constructor(
    shared: SharedParts,
    requests: AuthorizationRequestStore,
    defaults: OAuthClientDefaults,
    extensions: ExtensionExplorer,
    customizer: ClientCustomizer,
    registrations?: ClientRegistrationsOptions,
  ) {
    this.#shared = shared;
    this.#requests = requests;
    this.#defaults = defaults;
    this.#extensions = extensions;
    this.#customizer = customizer;
    if (registrations) this.registered = this.#registered(registrations);
  }

  /** The clients of the application's repository, where it has one. */
  readonly registered?: RegisteredClients;

  /** Where pending authorization requests are kept. */
  get requests(): AuthorizationRequestStore {
    return this.#requests;
  }

  /** What all clients share. */
  get shared(): SharedParts {
    return this.#shared;
  }

  /**
   * Configures a client. Its options are judged at boot, with all others; those of a module that is
   * loaded after boot at once, since nobody would look at them later.
   */
  declare(name: string, options: OAuthClientOptions): OAuthSession {
    const entry = this.#entry(name);
    entry.declared.push(customized(this.#customizer, name, options));
    const problems = this.#booted ? this.#problemsOf(name, entry) : [];
    if (problems.length === 0) return entry.session;
    entry.declared.pop();
    throw ConfigurationError.from(problems);
  }

  /** Every mistake was looked for: from now on a client is judged when it is declared. */
  booted(): void {
    this.#booted = true;
  }

  /** The session of a name that is, or will be, configured. */
  session(name: string): OAuthSession {
    return this.#entry(name).session;
  }

  /** Notes a mistake in the options of the module itself. */
  report(problem: ConfigurationProblem): void {
    this.#moduleProblems.push(problem);
  }

  /** Asks for further mistakes at boot, once every client is declared and free of mistakes. */
  judgeAtBoot(check: () => ConfigurationProblem[]): void {
    this.#checks.push(check);
  }

  /** Every mistake in the options of all clients. */
  problems(): ConfigurationProblem[] {
    const found = [
      ...this.#moduleProblems,
      ...[...this.#entries].flatMap(([name, entry]) => this.#problemsOf(name, entry)),
    ];
    return found.length > 0 ? found : this.#checks.flatMap((check) => check());
  }

  /** Whether a client is configured under this name. */
  has(name: string): boolean {
    return (this.#entries.get(name)?.declared.length ?? 0) > 0;
  }

  /** The names of all clients that are configured. */
  names(): string[] {
    return [...this.#entries.keys()].filter((name) => this.has(name));
  }

  /** Finds hooks that cannot work, at boot rather than at the first call. */
  prepare(): void {
    // The others are put together when they are first used: there may be thousands.
    for (const [name, { declared }] of this.#entries) {
      if (declared[0]?.fixes?.length) this.runtime(name);
    }
    this.#extensions.refresh();
  }

  /** The clients whose users' grants would be lost with this process. */
  keepsGrantsInMemory(): string[] {
    if (!(this.shared.store instanceof MemoryTokenStore)) return [];
    return [...this.#entries]
      .filter(([, { declared }]) => declared[0] && resolveGrant(declared[0].grant).actsForUsers)
      .map(([name]) => name);
  }

  /** Configures a client while the application runs; a mistake in its options is thrown. */
  register(name: string, options: OAuthClientOptions): OAuthSession {
    if (this.has(name)) throw nameTaken(name);
    if (typeof name !== 'string' || name === '') throw noName();
    const used = customized(this.#customizer, name, options);
    const problems = optionProblems(name, used, this.#defaults);
    if (problems.length > 0) throw ConfigurationError.from(problems);
    return this.declare(name, options);
  }

  #registered(registrations: ClientRegistrationsOptions): RegisteredClients {
    return new RegisteredClients(registrations, {
      shared: this.#shared,
      defaults: this.#defaults,
      configured: (name) => (this.has(name) ? this.runtime(name) : undefined),
      make: (name, options, ...guarded) =>
        this.#assembled(name, customized(this.#customizer, name, options), ...guarded),
    });
  }

  /** Waits for the client's renewals and forgets it; its stored tokens stay. */
  async remove(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    await entry?.runtime?.close();
  }

  /** The session of a client that is configured, or that the repository has. */
  async resolve(name: string): Promise<OAuthSession> {
    if (this.has(name)) return this.session(name);
    if (this.registered) return this.registered.resolve(name);
    throw this.unknown(demandName(name));
  }

  /** A client put together, or the error that says why it cannot be. */
  runtime(name: string): ClientRuntime {
    const entry = this.#entries.get(name);
    if (entry?.runtime) return entry.runtime;
    const options = entry?.declared[0];
    if (!entry || !options) throw this.unknown(name);
    const problems = [...this.#moduleProblems, ...this.#problemsOf(name, entry)];
    if (problems.length > 0) throw ConfigurationError.from(problems);
    return (entry.runtime = this.#assembled(name, options));
  }

  #assembled(
    name: string,
    options: OAuthClientOptions,
    guard?: AddressGuard,
    adapter?: AxiosAdapter,
  ): ClientRuntime {
    const settings = clientSettings(name, options, this.#defaults, guard);
    return createClientRuntime(settings, this.#shared, this.#requests, this.#extensions, adapter);
  }

  /** The client where it was put together already, as it is when it is first used. */
  used(name: string): ClientRuntime | undefined {
    return this.#entries.get(name)?.runtime;
  }

  /** The settings of a client that is configured, which is not put together for that. */
  settings(name: string): ClientSettings {
    const { runtime, declared } = this.#entries.get(name)!;
    return runtime?.settings ?? clientSettings(name, declared[0]!, this.#defaults);
  }

  /** The error for a name that nobody configures. */
  unknown(name: string): ConfigurationError {
    return new ConfigurationError({ client: name, ...unknownClient(name, this.names()) });
  }

  #entry(name: string): Entry {
    const existing = this.#entries.get(name);
    if (existing) return existing;
    const session = new OAuthSession(new DeclaredHandle(name, this), new GrantBinding(name, ''));
    const entry: Entry = { session, declared: [] };
    this.#entries.set(name, entry);
    return entry;
  }

  #problemsOf(name: string, { declared }: Entry): ConfigurationProblem[] {
    const [options, ...more] = declared;
    if (declared.length === 0) {
      return [{ client: name, option: 'clients', ...unknownClient(name, this.names()) }];
    }
    return [
      ...(more.length > 0 ? [configuredTwice(name)] : []),
      ...optionProblems(name, options, this.#defaults),
    ];
  }
}
