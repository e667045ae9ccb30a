import axios, {
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { refusalIn, type AddressGuard } from './address-guard.js';
import { discreet, hideInError } from './discreet.js';
import { guardedAsIs } from './guarded-redirects.js';
import type { Connection, ConnectionSource } from './transport.js';

/** What a flight changes of the config it is based on. */
export interface FlightPlan {
  /** The caller's config, or what the hooks made of it. */
  readonly base: InternalAxiosRequestConfig;
  readonly url: string;
  readonly headers: AxiosHeaders;
  readonly method?: string;
  readonly data?: unknown;
  readonly params?: unknown;
  readonly timeout?: number;
}

const OPTIONAL = ['method', 'data', 'params', 'timeout'] as const;

type Changes = Partial<InternalAxiosRequestConfig>;

/**
 * Sends one HTTP request through axios' own adapter with values that exist for this flight alone.
 * What comes back, response or error, shows the config that the caller gave, and neither the raw
 * request nor an agent can be reached by printing it.
 */
export class FlightDeck {
  readonly #adapter: AxiosAdapter;
  readonly #isOwn: boolean;
  readonly #source: ConnectionSource;
  readonly #guard: AddressGuard | undefined;

  /**
   * @param source - How to connect; a call's own values win.
   * @param adapter - The adapter to send with; axios' HTTP adapter when left out.
   * @param guard - Judges where a client connects to whose options are somebody else's data.
   */
  constructor(
    source: ConnectionSource,
    adapter: AxiosRequestConfig['adapter'],
    guard?: AddressGuard,
  ) {
    this.#source = source;
    this.#guard = guard;
    this.#adapter = axios.getAdapter(adapter ?? 'http');
    this.#isOwn = this.#adapter === axios.getAdapter('http');
  }

  /** Sends; resolves or rejects as the caller's `validateStatus` says. No redirect is followed. */
  send(config: InternalAxiosRequestConfig, plan: FlightPlan): Promise<AxiosResponse> {
    const { base, url, headers } = plan;
    // One by one: a spread that leaves something out costs more than all the rest of a flight.
    const changes: Changes = { baseURL: undefined, maxRedirects: 0, url, headers };
    for (const key of OPTIONAL) {
      if (key in plan) (changes as Record<string, unknown>)[key] = plan[key];
    }
    return this.#fly(config, base, changes);
  }

  /** Sends the caller's request as it is, redirects included: only the connection is ours. */
  sendAsIs(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    return this.#fly(config, config, {});
  }

  #fly(
    config: InternalAxiosRequestConfig,
    base: InternalAxiosRequestConfig,
    changes: Changes,
  ): Promise<AxiosResponse> {
    try {
      const current = this.#source.current();
      const flight =
        current instanceof Promise
          ? current.then((connection) => this.#launch(config, base, changes, connection))
          : this.#launch(config, base, changes, current);
      return flight.then(
        (response) => discreet(response, config),
        (error: unknown) => {
          throw this.#discreetError(error, config);
        },
      );
    } catch (error) {
      return Promise.reject(this.#discreetError(error, config));
    }
  }

  #launch(
    config: InternalAxiosRequestConfig,
    base: InternalAxiosRequestConfig,
    changes: Changes,
    connection: Connection,
  ): Promise<AxiosResponse> {
    if (this.#guard) {
      this.#connectGuarded(this.#guard, changes, base, config, connection);
      return this.#withCopy(base, changes);
    }
    connect(changes, base, config, connection);
    if (!this.#isOwn || isAwaited(changes, base)) return this.#withCopy(base, changes);
    const { url } = changes;
    if (url !== undefined && this.#source.goesDirectly(url, inEffect(base, changes))) {
      changes.proxy = false;
    }
    return during(base, changes, this.#adapter);
  }

  /** An adapter of the application's own may answer at once, and without a promise. */
  #withCopy(base: InternalAxiosRequestConfig, changes: Changes): Promise<AxiosResponse> {
    return Promise.resolve(this.#adapter(copyWith(base, changes)));
  }

  #discreetError(error: unknown, config: InternalAxiosRequestConfig): unknown {
    const refusal = this.#guard && refusalIn(error);
    if (refusal) return refusal;
    if (error instanceof Error) hideInError(error, config);
    return error;
  }

  /** Nothing of how to connect is the call's own, not even that it is left out. */
  #connectGuarded(
    guard: AddressGuard,
    changes: Changes,
    base: InternalAxiosRequestConfig,
    config: InternalAxiosRequestConfig,
    connection: Connection,
  ): void {
    guard.refuseOwn(config);
    guard.refuseOwn(base);
    const { url } = changes;
    const judged =
      url === undefined
        ? guardedAsIs(guard, config, changes, connection)
        : guard.connection(new URL(url), connection);
    for (const key of CONNECTION_KEYS) {
      if (judged[key] !== undefined) Object.assign(changes, { [key]: judged[key] });
    }
  }
}

/** Adds how to connect, where the call does not say so itself. */
function connect(
  changes: Changes,
  base: InternalAxiosRequestConfig,
  config: InternalAxiosRequestConfig,
  connection: Connection,
): void {
  for (const key of CONNECTION_KEYS) {
    // What the call itself brings is hidden in its config, and lost in a copy that a hook makes.
    if (Object.prototype.propertyIsEnumerable.call(base, key)) continue;
    const value: unknown = config[key] ?? connection[key];
    if (value !== undefined) (changes as Record<string, unknown>)[key] = value;
  }
}

function inEffect(base: InternalAxiosRequestConfig, changes: Changes): Connection {
  return {
    proxy: changes.proxy ?? base.proxy,
    httpAgent: changes.httpAgent ?? base.httpAgent,
    httpsAgent: changes.httpsAgent ?? base.httpsAgent,
  };
}

const CONNECTION_KEYS = ['proxy', 'httpAgent', 'httpsAgent', 'lookup'] as const;

/** Whether axios asks a form for its length, and reads the rest of the config after the answer. */
function isAwaited(changes: Changes, base: InternalAxiosRequestConfig): boolean {
  const data: unknown = 'data' in changes ? changes.data : base.data;
  if (typeof data !== 'object' || data === null) return false;
  return typeof (data as { getLength?: unknown }).getLength === 'function';
}

/**
 * Calls axios' HTTP adapter with changed values and puts the old ones back before anything else
 * can run: that adapter reads address, headers and agents before it first waits, and a copy of a
 * config would cost more than all else on the way of a request.
 */
function during(
  config: InternalAxiosRequestConfig,
  changes: Changes,
  adapter: AxiosAdapter,
): Promise<AxiosResponse> {
  const target = config as unknown as Record<string, unknown>;
  const keys = Object.keys(changes) as (keyof Changes)[];
  const before = keys.map((key) => target[key]);
  for (const key of keys) target[key] = changes[key];
  try {
    return adapter(config);
  } finally {
    for (let index = 0; index < keys.length; index += 1) {
      const [key, value] = [keys[index]!, before[index]];
      if (value === undefined) delete target[key];
      else target[key] = value;
    }
  }
}

/**
 * Any other adapter may look at its config whenever it likes, and gets one of its own; so does a
 * request that is guarded, or what axios reads late would be the caller's again.
 */
function copyWith(
  config: InternalAxiosRequestConfig,
  changes: Changes,
): InternalAxiosRequestConfig {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const key in config) copy[key] = config[key as keyof InternalAxiosRequestConfig];
  return Object.assign(copy, changes) as unknown as InternalAxiosRequestConfig;
}
