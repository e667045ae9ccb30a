import type { AxiosRequestConfig } from 'axios';
import type { ClientAuthentication } from '../protocol/client-authentication.js';
import type { AllowedOrigins } from '../protocol/origin.js';
import type { Params } from '../protocol/params.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { RefreshOptions } from './refresh-options.js';
import type { TransportOptions } from './transport.js';

/** The grants a client can be configured for. */
export type GrantName = 'authorization_code' | 'client_credentials';

/** The endpoints of an authorization server, by what they are for. */
export type ServerEndpoint =
  'authorization' | 'token' | 'revocation' | 'introspection' | 'userinfo';

/** One client's options once they were judged: every default filled in, nothing left to guess. */
export interface ClientSettings {
  readonly name: string;
  readonly clientId: string;
  /** Read at every use, so that a secret can change without a restart. */
  readonly clientSecret: () => string | undefined | Promise<string | undefined>;
  readonly authentication: ClientAuthentication;
  readonly grant: GrantName;
  /** Whether tokens belong to users: such a client acts for a named subject only. */
  readonly actsForUsers: boolean;
  /** Whether one user's grant is held for the whole application. */
  readonly shared: boolean;
  readonly issuer: string | undefined;
  readonly metadataUrl: string | undefined;
  readonly endpoints: Readonly<Partial<Record<ServerEndpoint, string>>>;
  readonly scope: readonly string[];
  readonly scopeSeparator: string;
  readonly redirectUri: string | undefined;
  readonly pkce: 'S256' | 'plain' | false;
  readonly newState: () => string | Promise<string>;
  readonly authorizationParams: Params;
  readonly tokenParams: Params;
  readonly refreshParams: Params;
  readonly baseURL: string | ((token: TokenSet) => string) | undefined;
  readonly allowedOrigins: AllowedOrigins;
  readonly http: AxiosRequestConfig;
  readonly transport: TransportOptions;
  readonly refresh: Required<RefreshOptions>;
  /** Error codes of the token endpoint that say: this grant is dead. */
  readonly deadGrantErrors: ReadonlySet<string>;
  readonly allowInsecureHttp: boolean;
}
