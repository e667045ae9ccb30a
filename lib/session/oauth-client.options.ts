import type { Type } from '@nestjs/common';
import type { AxiosRequestConfig } from 'axios';
import type { ClientAuthentication } from '../protocol/client-authentication.js';
import type { Params } from '../protocol/params.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { GrantName, ScopePolicy, TokenPlacement } from '../pipeline/client-settings.js';
import type { JwtBearerGrantOptions } from '../pipeline/jwt-bearer.grant.js';
import type { ExtensionGrant, TokenGrant } from '../pipeline/token-grant.js';
import type { TokenTypeHint } from '../pipeline/revocation-endpoint.js';
import type { RefreshOptions } from '../pipeline/refresh-options.js';
import type { TransportOptions } from '../pipeline/transport.js';

/**
 * How tokens are got: a grant by its name, a service account's signed assertions, an extension
 * grant with fixed parameters, or a grant that the application implements.
 */
export type Grant = GrantName | JwtBearerGrantOptions | ExtensionGrant | TokenGrant;

/** One client: who we are at an authorization server, and whose API we call. */
export interface OAuthClientOptions {
  /** The client identifier that the server has issued. RFC 6749, section 2.2. */
  clientId: string;
  /** The client secret; a function is asked at every use, so that it can change without a restart. */
  clientSecret?: string | (() => string | Promise<string>);
  /**
   * How the client authenticates at the token endpoint: `client_secret_basic` with a secret, `none`
   * without, when left out. RFC 6749, section 2.3.
   */
  clientAuthentication?: ClientAuthentication;
  /** The authentication at the revocation endpoint; as at the token endpoint when left out. */
  revocationAuthentication?: ClientAuthentication;
  /** The authentication at the introspection endpoint; as at the token endpoint when left out. */
  introspectionAuthentication?: ClientAuthentication;
  /** The issuer: endpoints that are not named are discovered, at first use. RFC 8414. */
  issuer?: string;
  /** The metadata document, where it is not at the issuer's well-known address. */
  metadataUrl?: string;
  /** Where users authorize. Wins over discovery. */
  authorizationEndpoint?: string;
  /** Where device codes are asked for. Wins over discovery. RFC 8628, section 3.1. */
  deviceAuthorizationEndpoint?: string;
  /** Where tokens are asked for. Wins over discovery. */
  tokenEndpoint?: string;
  /** Where tokens are revoked. Wins over discovery. RFC 7009. */
  revocationEndpoint?: string;
  /**
   * Which of the stored tokens `revokeToken()` names to the server, where it revokes one kind alone.
   *
   * @defaultValue `['refresh_token', 'access_token']`
   */
  revocableTokens?: readonly TokenTypeHint[];
  /** Where tokens are introspected. Wins over discovery. RFC 7662. */
  introspectionEndpoint?: string;
  /** Where claims about the user are read. Wins over discovery. OpenID Connect Core 1.0, 5.3. */
  userinfoEndpoint?: string;
  /** Where users log out. Wins over discovery. OpenID Connect RP-Initiated Logout 1.0. */
  endSessionEndpoint?: string;
  /** Where the keys are that ID tokens are signed with. Wins over discovery. RFC 7517. */
  jwksUri?: string;
  /**
   * How tokens are got.
   *
   * @defaultValue `'authorization_code'`
   */
  grant?: Grant;
  /**
   * One user's grant held for the whole application, such as a company account: calls need no
   * `for()`.
   *
   * @defaultValue `false`
   */
  shared?: boolean;
  /** The scope to ask for. RFC 6749, section 3.3. */
  scope?: readonly string[];
  /**
   * What stands between the parts of a scope on the wire. Answers are read with it, with spaces,
   * and, where neither occurs and no part that was asked for has a comma in it, with commas.
   *
   * @defaultValue `' '`
   */
  scopeSeparator?: string;
  /**
   * Scopes that the server grants under another name: what was asked for, and what it is called in
   * the answer. A token set has the name that was asked for.
   */
  scopeAliases?: Readonly<Record<string, string>>;
  /** Where the authorization server sends the user back to. RFC 6749, section 3.1.2. */
  redirectUri?: string;
  /** Where the authorization server sends the user back to after a logout. */
  postLogoutRedirectUri?: string;
  /**
   * The proof key of authorization requests. RFC 7636. Anything but `S256` goes against RFC 9700,
   * section 2.1.1.
   *
   * @defaultValue `'S256'`
   */
  pkce?: 'S256' | 'plain' | false;
  /**
   * What authorization requests ask for: a code, or with it an ID token in the response itself,
   * which comes by `form_post` unless `authorizationParams` name another mode. OpenID Connect Core
   * 1.0, section 3.3.
   *
   * @defaultValue `'code'`
   */
  responseType?: 'code' | 'code id_token';
  /** Makes states; 256 random bits when left out. A value seen before is refused. */
  state?: () => string | Promise<string>;
  /** Further parameters of every authorization request. */
  authorizationParams?: Params;
  /** Further parameters of every request for a first token. */
  tokenParams?: Params;
  /** Further parameters of every renewal. */
  refreshParams?: Params;
  /**
   * Where the token goes on an API request. `body` and `query` go against RFC 9700, section 4.3.2.
   *
   * @defaultValue `'header'`
   */
  tokenPlacement?: TokenPlacement;
  /**
   * What is done about a granted scope that differs from what was asked for: nothing; an event and
   * a log line; an error when something is missing; an error for any difference. An error is one of
   * every call with that token, which is stored all the same, until another takes its place.
   *
   * @defaultValue `'warn'`
   */
  scopePolicy?: ScopePolicy;
  /** Seconds that a token lasts where the server names no lifetime; without end when left out. */
  defaultExpiresInSeconds?: number;
  /** Compliance hook classes of this client; made here unless a module provides them. */
  fixes?: readonly Type[];
  /** The provider of OAuth behind the client, which `@ComplianceFix` also matches. */
  provider?: string;
  /** The API's base address; a function where each grant has its own host. */
  baseURL?: string | ((token: TokenSet) => string);
  /**
   * Where the token may go: exact origins, or `https://*.example.com`. The origin of `baseURL` when
   * left out. With a `baseURL` function the token goes to the origin that it answers alone, and this
   * narrows it: a pattern would else let the token of one customer go to the host of another.
   */
  allowedOrigins?: readonly string[];
  /**
   * Error codes of the token endpoint that say: this grant is dead.
   *
   * @defaultValue `['invalid_grant']`
   */
  deadGrantErrors?: readonly string[];
  /** Defaults of API calls alone: headers, params, timeout in milliseconds, … */
  http?: AxiosRequestConfig;
  /** How connections are made, to the API and to the authorization server. */
  transport?: TransportOptions;
  /** When and how tokens are renewed. */
  refresh?: RefreshOptions;
  /**
   * Accepts `http://` endpoints and API addresses, for development. Goes against RFC 9700,
   * section 2.6.
   *
   * @defaultValue `false`
   */
  allowInsecureHttp?: boolean;
}

/** Options that clients inherit from the module where they set none of their own. */
export interface OAuthClientDefaults {
  /** Defaults of every client's API calls. */
  http?: AxiosRequestConfig;
  /** Defaults of every client's connections. */
  transport?: TransportOptions;
  /** Defaults of every client's renewals. */
  refresh?: RefreshOptions;
}
