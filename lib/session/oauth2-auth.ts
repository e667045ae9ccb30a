import type { HttpService } from '@nestjs/axios';
import type { AxiosAdapter, AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import type { AxiosInstance as RequiredAxiosInstance } from 'axios' with {
  'resolution-mode': 'require',
};
import { ComplianceHooks } from '../compliance/compliance.hooks.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { MissingTokenError, TokenExpiredError } from '../errors/token.errors.js';
import { AuthorizedAdapter } from '../pipeline/authorized.adapter.js';
import type { RequestSettings, TokenPlacement } from '../pipeline/client-settings.js';
import { FlightDeck } from '../pipeline/flight.js';
import { Reentrancy } from '../pipeline/reentrancy.js';
import { forbidden } from '../pipeline/request-options.js';
import { demandBearer } from '../pipeline/token-type.js';
import { ConnectionSource } from '../pipeline/transport.js';
import { AllowedOrigins, isOriginPattern } from '../protocol/origin.js';
import type { TokenRecord, TokenResponse } from '../protocol/token-record.js';
import { TokenSet } from '../protocol/token-set.js';
import { parseUrl } from '../protocol/url.js';
import { SessionHttpService } from './session-http.service.js';

/** How the token is known in errors. */
const NAME = 'OAuth2Auth';

/** What an {@link OAuth2Auth} is made with. */
export interface OAuth2AuthOptions {
  /** The token, as a token set, a token response or a stored record. A secret. */
  token: TokenSet | TokenResponse | TokenRecord;
  /**
   * Where the token goes on a request. `body` and `query` go against RFC 9700, section 4.3.2.
   *
   * @defaultValue `'header'`
   */
  tokenPlacement?: TokenPlacement;
  /**
   * Where the token may go: exact origins, or `https://*.example.com`. The origin of the instance's
   * `baseURL` when left out.
   */
  allowedOrigins?: readonly string[];
  /**
   * Accepts `http://` addresses, for development. Goes against RFC 9700, section 2.6.
   *
   * @defaultValue `false`
   */
  allowInsecureHttp?: boolean;
}

/** What a token can be attached to: an axios instance, or Nest's service around one. */
export type AttachableHttp = AxiosInstance | RequiredAxiosInstance | HttpService;

const attached = new WeakSet<object>();

/**
 * A token that one already holds, on the requests of any axios instance or `HttpService`: in the
 * place asked for, to allowed origins only. It is never renewed; a session does that.
 *
 * Requests fail with TokenExpiredError once the token has ended, and with OriginNotAllowedError or
 * InsecureTransportError where it may not go.
 *
 * @example
 * ```ts
 * const http = axios.create({ baseURL: 'https://api.github.com' });
 * const detach = new OAuth2Auth({ token: { access_token: pat } }).attach(http);
 * ```
 */
export class OAuth2Auth {
  readonly #token: TokenSet;
  readonly #options: OAuth2AuthOptions;

  /**
   * @throws ConfigurationError without a token, or for options that cannot work;
   * UnsupportedTokenTypeError for anything but a Bearer token.
   */
  constructor(options: OAuth2AuthOptions) {
    this.#token = heldToken(options.token);
    demandBearer(this.#token, { client: NAME }, 'Pass a Bearer token.');
    const { tokenPlacement: placement = 'header', allowedOrigins = [] } = options;
    if (!['header', 'body', 'query'].includes(placement)) {
      throw misuse('tokenPlacement is none of header, body and query.', 'Use one of them.');
    }
    if (!allowedOrigins.every(isOriginPattern)) {
      throw misuse(
        'allowedOrigins holds something that is no origin.',
        'Write origins as https://api.example.com or https://*.example.com.',
      );
    }
    this.#options = options;
  }

  /**
   * Puts the token on every request of the instance, also on those of children it has made.
   *
   * @returns Removes it again.
   * @throws ConfigurationError when the instance carries a token already, or when neither
   * `allowedOrigins` nor its `baseURL` says where the token may go.
   */
  attach(http: AttachableHttp): () => void {
    if (http instanceof SessionHttpService) {
      throw misuse('A session places its own token.', 'Call through the session as it is.');
    }
    const instance = 'axiosRef' in http ? http.axiosRef : (http as AxiosInstance);
    const { defaults, interceptors } = instance;
    if (attached.has(defaults)) {
      throw misuse('The instance carries a token already.', 'Remove that one first.');
    }
    const before = defaults.adapter;
    const deck = new FlightDeck(new ConnectionSource(NAME, {}), before);
    const { adapter: authorized } = new AuthorizedAdapter({
      settings: this.#settings(defaults.baseURL),
      source: { token: () => this.#usable(), afterRejection: () => Promise.resolve(undefined) },
      hooks: new ComplianceHooks(NAME),
      reentrancy: new Reentrancy(),
      deck,
      refreshExtensions: () => undefined,
    });
    let isAttached = true;
    const adapter: AxiosAdapter = (config) =>
      isAttached ? authorized(config) : deck.sendAsIs(config);
    const check = (config: InternalAxiosRequestConfig) => {
      if (config.adapter !== adapter) throw forbidden(NAME, 'adapter');
      return config;
    };
    const guard = interceptors.request.use(check, undefined, { synchronous: true });
    defaults.adapter = adapter;
    attached.add(defaults);
    return () => {
      if (!isAttached) return;
      isAttached = false;
      attached.delete(defaults);
      interceptors.request.eject(guard);
      if (defaults.adapter === adapter) setAdapter(defaults, before);
    };
  }

  #settings(base: string | undefined): RequestSettings {
    const { tokenPlacement = 'header', allowedOrigins, allowInsecureHttp = false } = this.#options;
    const url = base === undefined ? undefined : parseUrl(base);
    const own = url ? [url.origin] : [];
    const origins = new AllowedOrigins(allowedOrigins ?? own.filter(isOriginPattern));
    if (origins.size === 0) {
      throw misuse('Nothing says where the token may go.', 'Set allowedOrigins.');
    }
    return {
      name: NAME,
      baseURL: base,
      allowedOrigins: origins,
      allowInsecureHttp,
      tokenPlacement,
      actsForUsers: false,
      shared: false,
    };
  }

  #usable(): TokenSet {
    if (!this.#token.isExpired()) return this.#token;
    throw new TokenExpiredError({
      client: NAME,
      problem: 'The token has expired, and is not renewed here.',
      remedy: 'Make another with a new token, or call through a session.',
    });
  }
}

function heldToken(token: OAuth2AuthOptions['token'] | undefined): TokenSet {
  if (token instanceof TokenSet) return token;
  try {
    return TokenSet.from(token ?? ({} as TokenResponse));
  } catch (cause) {
    if (!(cause instanceof MissingTokenError)) throw cause;
    throw misuse('It was given no token.', 'Pass a token set, or a response with access_token.');
  }
}

function setAdapter(defaults: AxiosInstance['defaults'], adapter: typeof defaults.adapter): void {
  if (adapter === undefined) delete defaults.adapter;
  else defaults.adapter = adapter;
}

function misuse(problem: string, remedy: string): ConfigurationError {
  return new ConfigurationError({ client: NAME, problem, remedy });
}
