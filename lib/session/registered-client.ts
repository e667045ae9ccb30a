import type { AxiosAdapter } from 'axios';
import type { ConfigurationError } from '../errors/configuration.errors.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { ClientRuntime } from './client-runtime.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import { OAuthSession } from './oauth-session.js';
import { sameOptions } from './registered-options.js';
import type { ClientHandle } from './token-session.js';

/** What a client of a repository needs of those who keep it. */
export interface RegisteredClientKeeper {
  /** Puts it together; requests of its axios instances go through `adapter`. */
  make(name: string, options: OAuthClientOptions, adapter: AxiosAdapter): ClientRuntime;
  /** Told at each use. */
  used(client: RegisteredClient): void;
  /** The client of this name in the application's own configuration, which comes first. */
  configured(name: string): ClientRuntime | undefined;
}

/**
 * One client of a repository, for as long as anybody holds its session: put together when it is
 * used, and anew when it is used after its options changed or others needed the room.
 */
export class RegisteredClient {
  readonly name: string;
  readonly session: OAuthSession;
  /** When its options are to be read again, in epoch milliseconds. */
  readAgainAt = 0;

  readonly #keeper: RegisteredClientKeeper;
  #options: OAuthClientOptions;
  #failure: ConfigurationError | undefined;
  #runtime: ClientRuntime | undefined;
  /** What an SDK has kept of it goes on with the newest options, too. */
  readonly #adapter: AxiosAdapter = async (config) => this.runtime.adapter(config);

  constructor(name: string, options: OAuthClientOptions, keeper: RegisteredClientKeeper) {
    this.name = name;
    this.#options = options;
    this.#keeper = keeper;
    this.session = new OAuthSession(this.#handle(), new GrantBinding(name, ''));
  }

  /** Why it cannot be used: it is gone, or its newest options have mistakes. */
  get failure(): ConfigurationError | undefined {
    return this.#failure;
  }

  /** The client at work; throws {@link RegisteredClient.failure}. */
  get runtime(): ClientRuntime {
    const configured = this.#keeper.configured(this.name);
    if (configured) return configured;
    this.#keeper.used(this);
    if (this.#failure) throw this.#failure;
    return (this.#runtime ??= this.#keeper.make(this.name, this.#options, this.#adapter));
  }

  /** Goes on with these options; what runs by the same ones already is left alone. */
  renew(options: OAuthClientOptions): void {
    const isSame = this.#failure === undefined && sameOptions(options, this.#options);
    this.#failure = undefined;
    if (isSame) return;
    this.#options = options;
    this.unload();
  }

  /** Cannot be used from now on. */
  fail(failure: ConfigurationError): void {
    this.#failure = failure;
    this.unload();
  }

  /** Makes room; what is under way, renewals above all, goes on to its end. */
  unload(): void {
    this.#runtime?.retire();
    this.#runtime = undefined;
  }

  #handle(): ClientHandle {
    const runtime = () => this.runtime;
    return {
      name: this.name,
      get runtime() {
        return runtime();
      },
      close: async () => {
        const closing = this.#runtime;
        this.#runtime = undefined;
        await closing?.close();
      },
    };
  }
}
