import axios, {
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { hideInError, hideInResponse } from './discreet.js';
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

  /**
   * @param source - How to connect; a call's own values win.
   * @param adapter - The adapter to send with; axios' HTTP adapter when left out.
   */
  constructor(source: ConnectionSource, adapter: AxiosRequestConfig['adapter']) {
    this.#source = source;
    this.#adapter = axios.getAdapter(adapter ?? 'http');
    this.#isOwn = this.#adapter === axios.getAdapter('http');
  }

  /** Sends; resolves or rejects as the caller's `validateStatus` says. No redirect is followed. */
  send(config: InternalAxiosRequestConfig, { base, ...plan }: FlightPlan): Promise<AxiosResponse> {
    // What is spread comes last: Node 20 takes ten times as long to add to what it has spread.
    return this.#fly(config, base, { baseURL: undefined, maxRedirects: 0, ...plan });
  }

  /** Sends the caller's request as it is, redirects included: only the connection is ours. */
  sendAsIs(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    return this.#fly(config, config, {});
  }

  async #fly(
    config: InternalAxiosRequestConfig,
    base: InternalAxiosRequestConfig,
    changes: Changes,
  ): Promise<AxiosResponse> {
    try {
      const current = this.#source.current();
      connect(changes, base, config, current instanceof Promise ? await current : current);
      const response = await (this.#isOwn
        ? during(base, changes, this.#adapter)
        : this.#adapter(copyWith(base, changes)));
      hideInResponse(response, config);
      return response;
    } catch (error) {
      if (error instanceof Error) hideInError(error, config);
      throw error;
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
    if (value !== undefined) Object.assign(changes, { [key]: value });
  }
}

const CONNECTION_KEYS = ['proxy', 'httpAgent', 'httpsAgent', 'lookup'] as const;

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
  const before: [string, unknown][] = [];
  for (const key in changes) {
    before.push([key, target[key]]);
    target[key] = changes[key as keyof Changes];
  }
  try {
    return adapter(config);
  } finally {
    for (const [key, value] of before) {
      if (value === undefined) delete target[key];
      else target[key] = value;
    }
  }
}

/** Any other adapter may look at its config whenever it likes, and gets one of its own. */
function copyWith(
  config: InternalAxiosRequestConfig,
  changes: Changes,
): InternalAxiosRequestConfig {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const key in config) copy[key] = config[key as keyof InternalAxiosRequestConfig];
  return Object.assign(copy, changes) as unknown as InternalAxiosRequestConfig;
}
