import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosRequestConfig } from 'axios';

/**
 * How connections are made, for API calls and for calls to the authorization server alike.
 * Certificates and keys never show in a request's config, a response or an error.
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
  ca?: string | Buffer | (string | Buffer)[];
  /** The client's certificate chain, in PEM. RFC 8705. */
  cert?: string | Buffer;
  /** The private key of {@link TransportOptions.cert}, in PEM. */
  key?: string | Buffer;
  /** What the private key is encrypted with. */
  passphrase?: string;
}

/** The parts of an axios config that say how to connect. */
export type Connection = Pick<
  AxiosRequestConfig,
  'proxy' | 'httpAgent' | 'httpsAgent' | 'lookup' | 'timeout'
>;

/** Makes what the options say into a connection config; agents are made once. */
export function connectionOf(options: TransportOptions): Connection {
  const { ca, cert, key, passphrase, httpAgent, httpsAgent, proxy, lookup, timeout } = options;
  const tls = defined({ ca, cert, key, passphrase });
  const ownAgent =
    Object.keys(tls).length > 0 ? new HttpsAgent({ keepAlive: true, ...tls }) : undefined;
  return defined({ proxy, lookup, timeout, httpAgent, httpsAgent: httpsAgent ?? ownAgent });
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
