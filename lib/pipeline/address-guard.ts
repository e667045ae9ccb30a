import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import {
  ConfigurationError,
  InsecureTransportError,
  OriginNotAllowedError,
} from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { AllowedHosts } from '../protocol/allowed-hosts.js';
import { retire } from './agent-source.js';
import { environmentProxies } from './environment-proxy.js';
import { guardedLookup, type GivenLookup } from './guarded-lookup.js';
import { isPublicAddress } from './public-address.js';
import type { Connection, TransportOptions } from './transport.js';

/** As those of Node's global agent: idle connections end by themselves. */
const OWN_AGENT = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;
/** What of an agent's options decides by itself where it connects to. */
const DECIDES_ITSELF = ['lookup', 'host', 'socketPath', 'createConnection', 'proxyEnv'] as const;

/** What a guard judges by. */
export interface GuardSettings {
  readonly client: string;
  /** Hosts that may be on private addresses. */
  readonly allowedHosts: AllowedHosts;
  /** Whether `http://` will do, at allowed hosts alone. */
  readonly allowInsecureHttp: boolean;
}

/**
 * Keeps a client whose addresses are somebody else's data within the public internet: https alone,
 * and every address is judged as it is connected to. Its connections are in pools of their own,
 * since one that another client has made would be used without a look at its address.
 */
export class AddressGuard {
  readonly #settings: GuardSettings;
  readonly #lookups = new WeakMap<GivenLookup, Connection['lookup']>();
  readonly #lookup: Connection['lookup'];
  readonly #made = new Set<HttpAgent>();

  constructor(settings: GuardSettings) {
    this.#settings = settings;
    this.#lookup = this.#guarded(undefined);
  }

  /** Whose connections it judges. */
  get client(): string {
    return this.#settings.client;
  }

  /** The transport with agents of its own, in place of those whose connections others use. */
  transport(options: TransportOptions): TransportOptions {
    const { httpAgent, httpsAgent, ca, cert, key } = options;
    // With certificates the agent is made from them, for this client alone.
    const hasMaterial = httpsAgent === undefined && (ca ?? cert ?? key) !== undefined;
    return {
      ...options,
      httpAgent: this.#own(httpAgent, HttpAgent),
      ...(!hasMaterial && { httpsAgent: this.#own(httpsAgent, HttpsAgent) }),
    };
  }

  /** Ends idle connections of the agents that it made: another registration has others. */
  retire(): void {
    for (const agent of this.#made) retire(agent);
  }

  /** How to connect to this address; throws where the client may not. */
  connection(url: URL, connection: Connection): Connection {
    const isAllowed = this.demand(url);
    const { proxy, httpAgent, httpsAgent, lookup } = connection;
    const agent = url.protocol === 'http:' ? httpAgent : httpsAgent;
    // What the application has set for the whole module is its own to answer for.
    if (proxy || (agent && !isPlain(agent))) return connection;
    const proxied = proxy !== false && environmentProxies(url, process.env);
    if (isAllowed) return proxied ? connection : { ...connection, proxy: false };
    if (proxied) throw this.#throughProxy(url);
    return { ...connection, proxy: false, lookup: this.#judged(lookup) };
  }

  /** Whether the host is allowed by name; throws for what is neither that nor public https. */
  demand(url: URL): boolean {
    const { client, allowedHosts, allowInsecureHttp } = this.#settings;
    const isAllowed = allowedHosts.allows(url);
    if (
      url.protocol !== 'https:' &&
      !(url.protocol === 'http:' && allowInsecureHttp && isAllowed)
    ) {
      throw new InsecureTransportError({
        client,
        problem: `The address ${url.origin} of a registered client is not https.`,
        remedy:
          'Use https; for development name the host in registrations.allowedHosts and set allowInsecureHttp.',
      });
    }
    const bare = url.hostname.replace(/^\[|\]$/g, '');
    if (!isAllowed && isIP(bare) !== 0 && !isPublicAddress(bare)) throw this.#refusal(url.host);
    return isAllowed;
  }

  /** Refuses what a single call would connect with past the guard. */
  refuseOwn(asked: object): void {
    for (const option of OF_CALL) {
      if (Reflect.get(asked, option) === undefined) continue;
      throw new ConfigurationError({
        client: this.#settings.client,
        problem: `A call of a registered client may not set "${option}".`,
        remedy: 'Set transport of the module instead: its addresses are judged as it connects.',
      });
    }
  }

  /** An agent like the given one with a pool of its own; one that decides by itself, as it is. */
  #own<T extends HttpAgent>(agent: T | undefined, type: AgentClass<T>): T {
    if (agent && !isPlain(agent)) return agent;
    const made = new type(agent ? { ...optionsOf(agent) } : OWN_AGENT);
    this.#made.add(made);
    return made;
  }

  #judged(given: GivenLookup | undefined): Connection['lookup'] {
    if (given === undefined) return this.#lookup;
    const existing = this.#lookups.get(given);
    if (existing) return existing;
    const made = this.#guarded(given);
    this.#lookups.set(given, made);
    return made;
  }

  #guarded(given: GivenLookup | undefined): Connection['lookup'] {
    return guardedLookup(given, (addresses, hostname) => {
      const isPublic = addresses.length > 0 && addresses.every(isPublicAddress);
      return isPublic ? undefined : this.#refusal(hostname);
    });
  }

  /** Never names the address: whose the client is may read it. */
  #refusal(host: string): OriginNotAllowedError {
    return new OriginNotAllowedError({
      client: this.#settings.client,
      origin: `https://${host}`,
      problem: `The host ${host} of a registered client is not on the public internet; nothing was sent.`,
      remedy: 'Correct the registration, or name the host in registrations.allowedHosts.',
    });
  }

  #throughProxy({ host }: URL): ConfigurationError {
    return new ConfigurationError({
      client: this.#settings.client,
      problem: `The environment names a proxy for ${host}, and what a proxy connects to cannot be judged; nothing was sent.`,
      remedy:
        'Set transport.proxy of the module: to a proxy that refuses private addresses, or to false.',
    });
  }
}

/** What a single call may say of how to connect, or what would leave the socket's lookup aside. */
const OF_CALL = ['proxy', 'httpAgent', 'httpsAgent', 'lookup', 'httpVersion', 'http2Options'];

const MAX_DEPTH = 4;

/** The error of this library that a failure to connect came from, where it did. */
export function refusalIn(error: unknown): OAuthClientError | undefined {
  let cause = error;
  // A redirect that is not followed is wrapped once more.
  for (let depth = 0; depth < MAX_DEPTH && cause instanceof Error; depth += 1) {
    if (cause instanceof OAuthClientError) return cause;
    ({ cause } = cause);
  }
  return undefined;
}

type AgentClass<T> = new (options?: ConstructorParameters<typeof HttpsAgent>[0]) => T;

/** Whether an agent connects as Node does, and so asks the lookup that a request brings. */
function isPlain(agent: HttpAgent): boolean {
  const prototype: unknown = Object.getPrototypeOf(agent);
  const isNodes = prototype === HttpAgent.prototype || prototype === HttpsAgent.prototype;
  if (!isNodes || Object.hasOwn(agent, 'createConnection')) return false;
  const options = optionsOf(agent);
  return DECIDES_ITSELF.every((name) => options[name] === undefined);
}

function optionsOf(agent: HttpAgent): Readonly<Record<string, unknown>> {
  return (agent as HttpAgent & { options: Record<string, unknown> }).options;
}
