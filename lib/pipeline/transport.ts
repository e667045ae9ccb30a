import http, { type Agent as HttpAgent } from 'node:http';
import https, { type Agent as HttpsAgent } from 'node:https';
import type { AxiosRequestConfig } from 'axios';
import { defined } from '../protocol/defined.js';
import { AgentSource } from './agent-source.js';
import { EnvironmentProxies } from './environment-proxy.js';
import { REFRESH_DEFAULTS } from './refresh-options.js';

/** Text or bytes in PEM, or a function that is asked for them at every request. */
export type Material<T> = T | (() => T | Promise<T>);

/**
 * How connections are made, for API calls and for calls to the authorization server alike.
 * Certificates and keys never show in a request's config, a response or an error. Node trusts what
 * `NODE_EXTRA_CA_CERTS` names beside its own authorities, for the whole process; `ca` is for one
 * client.
 */
export interface TransportOptions {
  /**
   * The proxy to go through, as axios takes it; `false` ignores the environment's, which is
   * looked for once a second.
   */
  proxy?: AxiosRequestConfig['proxy'];
  /** The agent for `http://`. */
  httpAgent?: HttpAgent;
  /** The agent for `https://`; cannot be combined with `ca`, `cert` and `key`. */
  httpsAgent?: HttpsAgent;
  /** Resolves host names, as `dns.lookup` does. */
  lookup?: AxiosRequestConfig['lookup'];
  /** Milliseconds that a request may take; on API calls, the time waiting for a token included. */
  timeout?: number;
  /** Certificates of the authorities to trust, in PEM, instead of Node's own. */
  ca?: Material<string | Buffer | (string | Buffer)[]>;
  /** The client's certificate chain, in PEM. RFC 8705. */
  cert?: Material<string | Buffer>;
  /** The private key of {@link TransportOptions.cert}, in PEM. A secret. */
  key?: Material<string | Buffer>;
  /** What the private key is encrypted with. A secret. */
  passphrase?: string;
}

/** The parts of an axios config that say how to connect. */
export type Connection = Pick<
  AxiosRequestConfig,
  'proxy' | 'httpAgent' | 'httpsAgent' | 'lookup' | 'timeout'
>;

/** What another agent is needed for. */
const OF_TLS = ['httpsAgent', 'ca', 'cert', 'key', 'passphrase'] as const;

/**
 * How one client connects. Certificates and keys that come from functions are asked for at every
 * request, and the agent is made anew when they have changed: they rotate without a restart.
 */
export class ConnectionSource {
  readonly #client: string;
  readonly #options: TransportOptions;
  readonly #timeoutMs: number;
  readonly #proxies: EnvironmentProxies;
  readonly #agents: AgentSource;
  readonly #fixed: Connection;

  /**
   * @param timeoutMs - How long a function may take to give a certificate or key.
   * @param proxies - What is known of the environment's proxies, by all clients.
   */
  constructor(
    client: string,
    options: TransportOptions,
    timeoutMs: number = REFRESH_DEFAULTS.timeoutMs,
    proxies = new EnvironmentProxies(),
    agents = new AgentSource(client, options, { timeoutMs, keepAlive: true }),
  ) {
    this.#client = client;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#proxies = proxies;
    this.#agents = agents;
    const { httpAgent, proxy, lookup, timeout } = options;
    this.#fixed = defined({ proxy, lookup, timeout, httpAgent });
  }

  /** The connection to use now; at once, unless a function has to be asked. */
  current(): Connection | Promise<Connection> {
    const httpsAgent = this.#agents.current();
    return httpsAgent instanceof Promise
      ? httpsAgent.then((agent) => this.#with(agent))
      : this.#with(httpsAgent);
  }

  /** Whether nothing says that there is a proxy: else axios looks for one in the environment. */
  goesDirectly(url: string, { proxy, httpAgent, httpsAgent }: Connection): boolean {
    if (proxy !== undefined) return false;
    const agent = url.startsWith('https:')
      ? (httpsAgent ?? https.globalAgent)
      : (httpAgent ?? http.globalAgent);
    return !this.#proxies.concern(agent);
  }

  /**
   * The same with some options changed, for one call. Certificates of the call win over an agent of
   * the client, and the other way round; a connection that they were made for ends with it.
   */
  with(options: TransportOptions): ConnectionSource {
    const own: TransportOptions = defined(options);
    const merged: TransportOptions = { ...this.#options, ...own };
    const [client, timeoutMs, proxies] = [this.#client, this.#timeoutMs, this.#proxies];
    if (OF_TLS.every((name) => own[name] === undefined)) {
      return new ConnectionSource(client, merged, timeoutMs, proxies, this.#agents);
    }
    if (own.httpsAgent === undefined) delete merged.httpsAgent;
    const agents = new AgentSource(client, merged, { timeoutMs, keepAlive: false });
    return new ConnectionSource(client, merged, timeoutMs, proxies, agents);
  }

  /** Ends idle connections that are this client's alone; what is under way goes on. */
  retire(): void {
    this.#agents.retire();
  }

  #with(httpsAgent: HttpsAgent | undefined): Connection {
    return httpsAgent ? { ...this.#fixed, httpsAgent } : this.#fixed;
  }
}
