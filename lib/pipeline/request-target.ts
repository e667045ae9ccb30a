import {
  ConfigurationError,
  InsecureTransportError,
  OriginNotAllowedError,
} from '../errors/configuration.errors.js';
import type { AxiosRequestConfig } from 'axios';
import { AllowedOrigins } from '../protocol/origin.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientSettings } from './client-settings.js';

const ABSOLUTE = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;

/**
 * Resolves where a request goes and judges whether the token may go there. What is returned is the
 * absolute address that is sent, so that the address judged is the address used.
 */
export class RequestTarget {
  readonly #settings: ClientSettings;
  /** The base address whose origin was found allowed; every relative address below it is, too. */
  #allowedBase: string | undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /** The absolute address of a request that may carry the token, or a typed error. */
  resolve(config: AxiosRequestConfig, token: TokenSet): string {
    const { url = '' } = config;
    const configured = this.#settings.baseURL;
    const base =
      config.baseURL ?? (typeof configured === 'function' ? configured(token) : configured);
    const relative = !ABSOLUTE.test(url);
    if (base === undefined || (!relative && config.allowAbsoluteUrls !== false)) {
      this.judge(this.#parse(url), token);
      return url;
    }
    const address = joinUrl(base, url);
    if (base !== this.#allowedBase) {
      this.judge(this.#parse(address), token);
      if (typeof configured === 'string') this.#allowedBase = base;
    }
    return address;
  }

  /** Throws unless the token may go to this address. */
  judge(url: URL, token: TokenSet): void {
    const { name, allowInsecureHttp } = this.#settings;
    if (url.username !== '' || url.password !== '') {
      throw new ConfigurationError({
        client: name,
        problem: 'The address of a request holds a user name or password.',
        remedy: 'Leave them out: they would take the place of the token.',
      });
    }
    if (!this.#origins(token).allows(url)) throw this.#notAllowed(url);
    if (url.protocol === 'https:' || (url.protocol === 'http:' && allowInsecureHttp)) return;
    throw new InsecureTransportError({
      client: name,
      problem: `The address ${url.origin} is not https.`,
      remedy: 'Use https, or set allowInsecureHttp for development.',
    });
  }

  /** Whether the token may go to this address. */
  allows(url: URL, token: TokenSet): boolean {
    const secure = url.protocol === 'https:' || this.#settings.allowInsecureHttp;
    return secure && this.#origins(token).allows(url);
  }

  /** Without a configured list, a base address that depends on the token allows its own origin. */
  #origins(token: TokenSet): AllowedOrigins {
    const { allowedOrigins, baseURL } = this.#settings;
    if (allowedOrigins.size > 0 || typeof baseURL !== 'function') return allowedOrigins;
    return new AllowedOrigins([baseURL(token)]);
  }

  #parse(address: string): URL {
    if (URL.canParse(address)) return new URL(address);
    const known = this.#settings.baseURL !== undefined || this.#settings.allowedOrigins.size > 0;
    throw new ConfigurationError({
      client: this.#settings.name,
      problem: 'The address of a request is relative, and there is no base address to join it to.',
      remedy: known ? 'Set baseURL, or call a full address.' : 'Set baseURL (or allowedOrigins).',
    });
  }

  #notAllowed(url: URL): OriginNotAllowedError {
    const { name, allowedOrigins } = this.#settings;
    return new OriginNotAllowedError({
      client: name,
      origin: url.origin,
      problem: `The token may not go to ${url.origin}; the request was not sent.`,
      remedy:
        allowedOrigins.size === 0
          ? 'Set baseURL or allowedOrigins of this client.'
          : 'Add the origin to allowedOrigins if it is to have the token.',
    });
  }
}

/** Joins as axios does: exactly one slash between; an empty address is the base itself. */
export function joinUrl(base: string, relative: string): string {
  if (relative === '') return base;
  return `${base.replace(/\/+$/, '')}/${relative.replace(/^\/+/, '')}`;
}
