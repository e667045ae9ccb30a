import {
  ConfigurationError,
  InsecureTransportError,
  OriginNotAllowedError,
} from '../errors/configuration.errors.js';
import type { AxiosRequestConfig } from 'axios';
import type { TokenSet } from '../protocol/token-set.js';
import { parseUrl } from '../protocol/url.js';
import type { RequestSettings } from './client-settings.js';

const ABSOLUTE = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;

/**
 * Resolves where a request goes and judges whether the token may go there. What is returned is the
 * absolute address that is sent, so that the address judged is the address used.
 */
export class RequestTarget {
  readonly #settings: RequestSettings;
  /** The base address that was found allowed; every relative address below it is, too. */
  #allowedBase: string | undefined;

  constructor(settings: RequestSettings) {
    this.#settings = settings;
  }

  /** The absolute address of a request that may carry the token, or a typed error. */
  resolve(config: AxiosRequestConfig, token: TokenSet): string {
    const { url = '' } = config;
    const configured = this.#settings.baseURL;
    const base =
      config.baseURL ?? (typeof configured === 'function' ? this.#baseOf(token) : configured);
    const relative = !ABSOLUTE.test(url);
    if (base === undefined || (!relative && config.allowAbsoluteUrls !== false)) {
      this.judge(this.#parse(url), token);
      return url;
    }
    const address = joinUrl(base, url);
    if (base === this.#allowedBase) return address;
    this.judge(this.#parse(address), token);
    // Only a base address that names its host itself keeps it, whatever is joined to it.
    if (typeof configured === 'string' && parseUrl(base)) {
      this.judge(new URL(base), token);
      this.#allowedBase = base;
    }
    return address;
  }

  /** Throws unless the token may go to this address. */
  judge(url: URL, token: TokenSet): void {
    const { name } = this.#settings;
    if (url.username !== '' || url.password !== '') {
      throw new ConfigurationError({
        client: name,
        problem: 'The address of a request holds a user name or password.',
        remedy: 'Leave them out: they would take the place of the token.',
      });
    }
    if (!this.#isListed(url, token)) throw this.#notAllowed(url, token);
    if (this.#isSecure(url)) return;
    throw new InsecureTransportError({
      client: name,
      problem: `The address ${url.origin} is not https.`,
      remedy: 'Use https, or set allowInsecureHttp for development.',
    });
  }

  /** Whether the token may go to this address. */
  allows(url: URL, token: TokenSet): boolean {
    return this.#isSecure(url) && this.#isListed(url, token);
  }

  #isSecure({ protocol }: URL): boolean {
    return protocol === 'https:' || (protocol === 'http:' && this.#settings.allowInsecureHttp);
  }

  /** A base address that depends on the token allows its own origin alone, and a list narrows it. */
  #isListed(url: URL, token: TokenSet): boolean {
    const { allowedOrigins, baseURL } = this.#settings;
    if (typeof baseURL !== 'function') return allowedOrigins.allows(url);
    if (allowedOrigins.size > 0 && !allowedOrigins.allows(url)) return false;
    return url.origin === new URL(this.#baseOf(token)).origin;
  }

  #baseOf(token: TokenSet): string {
    const { baseURL, name } = this.#settings;
    const base: unknown = typeof baseURL === 'function' ? baseURL(token) : baseURL;
    if (typeof base === 'string' && /^https?:\/\//i.test(base) && parseUrl(base)) return base;
    throw new ConfigurationError({
      client: name,
      problem: 'The baseURL function of this client answered no full address for the token.',
      remedy: 'Return an address such as https://host.example/path.',
    });
  }

  #parse(address: string): URL {
    const url = parseUrl(address);
    if (url) return url;
    const { name: client, baseURL, allowedOrigins } = this.#settings;
    if (address.startsWith('//')) {
      throw new ConfigurationError({
        client,
        problem: 'The address of a request names a host and no scheme.',
        remedy: 'Write it as https://host/path, or as a path below baseURL.',
      });
    }
    const known = baseURL !== undefined || allowedOrigins.size > 0;
    throw new ConfigurationError({
      client,
      problem: 'The address of a request is relative, and there is no base address to join it to.',
      remedy: known ? 'Set baseURL, or call a full address.' : 'Set baseURL (or allowedOrigins).',
    });
  }

  #notAllowed(url: URL, token: TokenSet): OriginNotAllowedError {
    const { name, allowedOrigins, baseURL } = this.#settings;
    const isForeign =
      typeof baseURL === 'function' && url.origin !== new URL(this.#baseOf(token)).origin;
    const remedy = isForeign
      ? 'Call the origin that the baseURL function answers for this token.'
      : allowedOrigins.size === 0
        ? 'Set baseURL or allowedOrigins of this client.'
        : 'Add the origin to allowedOrigins if it is to have the token.';
    return new OriginNotAllowedError({
      client: name,
      origin: url.origin,
      problem: `The token may not go to ${url.origin}; the request was not sent.`,
      remedy,
    });
  }
}

/** The address that axios makes of a config, without its parameters. */
export function fullAddress({ url = '', baseURL, allowAbsoluteUrls }: AxiosRequestConfig): string {
  const joined = baseURL && (!ABSOLUTE.test(url) || allowAbsoluteUrls === false);
  return joined ? joinUrl(baseURL, url) : url;
}

/** Joins as axios does: exactly one slash between; an empty address is the base itself. */
export function joinUrl(base: string, relative: string): string {
  if (relative === '') return base;
  // Nearly always there is just one slash already.
  if (relative[0] === '/' && relative[1] !== '/' && !base.endsWith('/')) return base + relative;
  return `${base.replace(/\/+$/, '')}/${relative.replace(/^\/+/, '')}`;
}
