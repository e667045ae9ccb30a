import type { ExtensionExplorer } from '../compliance/extension.explorer.js';
import { ConfigurationError, type ConfigurationProblem } from '../errors/configuration.errors.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { SharedParts } from '../pipeline/client-parts.js';
import type { AuthorizationRequestStore } from '../store/authorization-request-store.js';
import { MemoryTokenStore } from '../store/memory.token-store.js';
import { createClientRuntime, type ClientRuntime } from './client-runtime.js';
import { clientSettings } from './client-settings.factory.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { OAuthSession } from './oauth-session.js';
import type { ClientHandle } from './token-session.js';
import { probablyMeant } from './option-names.js';
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
  #booted = false;

  readonly #shared: SharedParts;
  readonly #requests: AuthorizationRequestStore;
  readonly #defaults: OAuthClientDefaults;
  readonly #extensions: ExtensionExplorer;

  constructor(
    shared: SharedParts,
    requests: AuthorizationRequestStore,
    defaults: OAuthClientDefaults,
    extensions: ExtensionExplorer,
  ) {
    this.#shared = shared;
    this.#requests = requests;
    this.#defaults = defaults;
    this.#extensions = extensions;
  }

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
    entry.declared.push(options);
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

  /** Every mistake in the options of all clients. */
  problems(): ConfigurationProblem[] {
    return [
      ...this.#moduleProblems,
      ...[...this.#entries].flatMap(([name, entry]) => this.#problemsOf(name, entry)),
    ];
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
    for (const name of this.names()) this.runtime(name);
    this.#extensions.refresh();
  }

  /** The clients whose users' grants would be lost with this process. */
  keepsGrantsInMemory(): string[] {
    if (!(this.shared.store instanceof MemoryTokenStore)) return [];
    return this.names().filter((name) => this.runtime(name).settings.actsForUsers);
  }

  /** Configures a client while the application runs; a mistake in its options is thrown. */
  register(name: string, options: OAuthClientOptions): OAuthSession {
    if (this.has(name)) {
      throw new ConfigurationError({
        client: name,
        problem: 'A client of this name is configured already.',
        remedy: 'Choose another name, or unregister it first.',
      });
    }
    if (typeof name !== 'string' || name === '') {
      throw new ConfigurationError({
        problem: 'register() was given no name.',
        remedy: 'Pass a text that is not empty; look why it is missing.',
      });
    }
    const problems = optionProblems(name, options, this.#defaults);
    if (problems.length > 0) throw ConfigurationError.from(problems);
    return this.declare(name, options);
  }

  /** Waits for the client's renewals and forgets it; its stored tokens stay. */
  async remove(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    await entry?.runtime?.close();
  }

  /** A client put together, or the error that says why it cannot be. */
  runtime(name: string): ClientRuntime {
    const entry = this.#entries.get(name);
    if (entry?.runtime) return entry.runtime;
    const options = entry?.declared[0];
    if (!entry || !options) throw this.unknown(name);
    const problems = [...this.#moduleProblems, ...this.#problemsOf(name, entry)];
    if (problems.length > 0) throw ConfigurationError.from(problems);
    const settings = clientSettings(name, options, this.#defaults);
    return (entry.runtime = createClientRuntime(
      settings,
      this.shared,
      this.#requests,
      this.#extensions,
    ));
  }

  /** The error for a name that nobody configures. */
  unknown(name: string): ConfigurationError {
    return new ConfigurationError({ client: name, ...this.#unknown(name) });
  }

  #unknown(name: string): { problem: string; remedy: string } {
    const known = this.names();
    const meant = probablyMeant(name, known);
    const question = meant === undefined ? '' : `Did you mean "${meant}"? `;
    return {
      problem: 'No client is configured under this name.',
      remedy: `${question}Configured are: ${known.join(', ') || 'none'}.`,
    };
  }

  #entry(name: string): Entry {
    const existing = this.#entries.get(name);
    if (existing) return existing;
    const session = new OAuthSession(this.#handle(name), new GrantBinding(name, ''));
    const entry: Entry = { session, declared: [] };
    this.#entries.set(name, entry);
    return entry;
  }

  #handle(name: string): ClientHandle {
    const runtime = () => this.runtime(name);
    return {
      name,
      get runtime() {
        return runtime();
      },
      close: () => this.remove(name),
    };
  }

  #problemsOf(name: string, { declared }: Entry): ConfigurationProblem[] {
    const [options, ...more] = declared;
    if (declared.length === 0) {
      const { problem, remedy } = this.#unknown(name);
      return [{ client: name, option: 'clients', problem, remedy }];
    }
    const duplicate: ConfigurationProblem = {
      client: name,
      option: 'clients',
      problem: 'It is configured more than once.',
      remedy: "Configure it in one place, and name it with forFeature(['…']) elsewhere.",
    };
    return [
      ...(more.length > 0 ? [duplicate] : []),
      ...optionProblems(name, options, this.#defaults),
    ];
  }
}
