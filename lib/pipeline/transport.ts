import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosRequestConfig } from 'axios';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { waitWithin } from './patience.js';

/** How long a function may take to give a certificate or key, in milliseconds. */
const MATERIAL_LIMIT_MS = 10_000;

/** Text or bytes in PEM, or a function that is asked for them at every request. */
export type Material<T> = T | (() => T | Promise<T>);

/**
 * How connections are made, for API calls and for calls to the authorization server alike.
 * Certificates and keys never show in a request's config, a response or an error. Node trusts what
 * `NODE_EXTRA_CA_CERTS` names beside its own authorities, for the whole process; `ca` is for one
 * client.
 */
export interface TransportOptions {
  /** The proxy to go through, as axios takes it; `false` ignores the environment's. */
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

interface TlsMaterial {
  readonly ca?: string | Buffer | (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

/**
 * How one client connects. Certificates and keys that come from functions are asked for at every
 * request, and the agent is made anew when they have changed: they rotate without a restart.
 */
export class ConnectionSource {
  readonly #client: string;
  readonly #options: TransportOptions;
  readonly #rotates: boolean;
  #made: { readonly material: TlsMaterial; readonly connection: Connection } | undefined;

  constructor(client: string, options: TransportOptions) {
    this.#client = client;
    this.#options = options;
    this.#rotates = [options.ca, options.cert, options.key].some(
      (material) => typeof material === 'function',
    );
  }

  /** The connection to use now; at once, unless a function has to be asked. */
  current(): Connection | Promise<Connection> {
    if (this.#rotates) return this.#rotated();
    return (this.#made ??= this.#make(this.#options as TlsMaterial)).connection;
  }

  /** The same with some options changed, for one call. */
  with(options: TransportOptions): ConnectionSource {
    return new ConnectionSource(this.#client, { ...this.#options, ...options });
  }

  async #rotated(): Promise<Connection> {
    const material = await this.#asked();
    const before = this.#made?.material;
    const same =
      before?.ca === material.ca && before?.cert === material.cert && before?.key === material.key;
    if (!this.#made || !same) this.#made = this.#make(material);
    return this.#made.connection;
  }

  async #asked(): Promise<TlsMaterial> {
    const { ca, cert, key } = this.#options;
    try {
      const asked = Promise.all([now(ca), now(cert), now(key)]);
      const tooSlow = () => new Error(`no answer within ${MATERIAL_LIMIT_MS} ms`);
      const [caNow, certNow, keyNow] = await waitWithin(
        asked,
        { timeoutMs: MATERIAL_LIMIT_MS },
        tooSlow,
      );
      return defined({ ca: caNow, cert: certNow, key: keyNow });
    } catch (cause) {
      throw new ConfigurationError({
        client: this.#client,
        problem: 'A function of transport gave no certificate or key.',
        remedy: 'Look why it failed or was too slow; nothing was sent.',
        cause,
      });
    }
  }

  #make({ ca, cert, key }: TlsMaterial): { material: TlsMaterial; connection: Connection } {
    const { passphrase, httpAgent, httpsAgent, proxy, lookup, timeout } = this.#options;
    const tls = defined({ ca, cert, key, passphrase });
    const ownAgent =
      Object.keys(tls).length > 0 ? new HttpsAgent({ keepAlive: true, ...tls }) : undefined;
    return {
      material: defined({ ca, cert, key }),
      connection: defined({
        proxy,
        lookup,
        timeout,
        httpAgent,
        httpsAgent: httpsAgent ?? ownAgent,
      }),
    };
  }
}

async function now<T>(material: Material<T> | undefined): Promise<T | undefined> {
  return typeof material === 'function' ? (material as () => T | Promise<T>)() : material;
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
