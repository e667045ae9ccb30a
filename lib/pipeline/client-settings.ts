import type { Type } from '@nestjs/common';
import type { AxiosRequestConfig } from 'axios';
import type { ClientAuthentication } from '../protocol/client-authentication.js';
import type { AllowedOrigins } from '../protocol/origin.js';
import type { Params } from '../protocol/params.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { AddressGuard } from './address-guard.js';
import type { RefreshOptions } from './refresh-options.js';
import type { TokenGrant } from './token-grant.js';
import type { TransportOptions } from './transport.js';

/** Grants that go by a name. RFC 6749, section 4; RFC 8628. */
export type GrantName =
  'authorization_code' | 'client_credentials' | 'password' | 'implicit' | 'device_code';

/** What is done about a granted scope that differs from what was asked for. */
export type ScopePolicy = 'ignore' | 'warn' | 'missing' | 'strict';

/** Where the token goes on a request. RFC 6750, section 2. */
export type TokenPlacement = 'header' | 'body' | 'query';

/** The endpoints of an authorization server, by what they are for. */
export type ServerEndpoint =
  | 'authorization'
  | 'device_authorization'
  | 'token'
  | 'revocation'
  | 'introspection'
  | 'userinfo'
  | 'end_session'
  | 'jwks';

/** What an API request is judged by, and how it carries the token. */
export interface RequestSettings {
  readonly name: string;
  readonly baseURL: string | ((token: TokenSet) => string) | undefined;
  readonly allowedOrigins: AllowedOrigins;
  readonly allowInsecureHttp: boolean;
  readonly tokenPlacement: TokenPlacement;
  /** Whether tokens belong to users: such a client acts for a named subject only. */
  readonly actsForUsers: boolean;
  /** Whether one user's grant is held for the whole application. */
  readonly shared: boolean;
}

/** One client's options once they were judged: every default filled in, nothing left to guess. */
export interface ClientSettings extends RequestSettings {
  readonly clientId: string;
  /** Read at every use, so that a secret can change without a restart. */
  readonly clientSecret: () => string | undefined | Promise<string | undefined>;
  /** Whether it comes from a function of the application's own. */
  readonly asksForSecret: boolean;
  readonly authentication: ClientAuthentication;
  /** The authentication at the other endpoints, which may differ. */
  readonly revocationAuthentication: ClientAuthentication;
  readonly introspectionAuthentication: ClientAuthentication;
  /** The grant's name, or the `grant_type` of one that has none. */
  readonly grant: string;
  /** How tokens are got without the user's help, where that is possible. */
  readonly ownGrant: TokenGrant | undefined;
  readonly issuer: string | undefined;
  readonly metadataUrl: string | undefined;
  readonly endpoints: Readonly<Partial<Record<ServerEndpoint, string>>>;
  /** Which tokens the server is asked to revoke. */
  readonly revocableTokens: ReadonlySet<'access_token' | 'refresh_token'>;
  readonly scope: readonly string[];
  readonly scopeSeparator: string;
  /** Names that were asked for, and what the server calls them in its answers. */
  readonly scopeAliases: Readonly<Record<string, string>>;
  readonly redirectUri: string | undefined;
  readonly postLogoutRedirectUri: string | undefined;
  readonly pkce: 'S256' | 'plain' | false;
  readonly responseType: 'code' | 'code id_token';
  readonly newState: () => string | Promise<string>;
  readonly authorizationParams: Params;
  readonly tokenParams: Params;
  readonly refreshParams: Params;
  readonly http: AxiosRequestConfig;
  readonly transport: TransportOptions;
  readonly refresh: Required<RefreshOptions>;
  /** Error codes of the token endpoint that say: this grant is dead. */
  readonly deadGrantErrors: ReadonlySet<string>;
  readonly scopePolicy: ScopePolicy;
  /** Seconds that a token lasts whose lifetime the server does not name; unknown when left out. */
  readonly defaultExpiresInSeconds: number | undefined;
  /** What `@ComplianceFix` also matches, and hook classes that the options list. */
  readonly provider: string | undefined;
  readonly fixes: readonly Type[];
  /** What judges where it connects to, of a client whose options are somebody else's data. */
  readonly guard?: AddressGuard | undefined;
  /** What such a client's registration is known by, where it acts for users. */
  readonly registration?: string | undefined;
}
