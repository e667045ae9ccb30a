import type { TokenRequestOptions } from '../pipeline/grant-request.js';
import type { TokenTypeHint } from '../pipeline/revocation-endpoint.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { OAuthSession } from './oauth-session.js';

/** What `completeAuthorization()` is given. */
export interface CompleteAuthorizationOptions extends TokenRequestOptions {
  /** The full callback URL, or its path and query, or the form that was posted to it. */
  authorizationResponse: string;
  /** What ties the flow to this browser, as it was given to `authorizationUrl()`. */
  binding?: string;
}

/** What `completeAuthorization()` brings. */
export interface CompletedAuthorization {
  /** The session of the subject that is connected now. */
  session: OAuthSession;
  /** The token, stored already. */
  token: TokenSet;
  /** Whose it is. */
  subject: string;
  /** Where inside the application the flow returns to. */
  returnTo?: string;
}

/** What `fetchToken()` may be given. */
export interface FetchTokenOptions extends Partial<CompleteAuthorizationOptions> {
  /** A code, where the application has judged the callback by itself. */
  code?: string;
  /** The state that came with {@link FetchTokenOptions.code}: it is checked, and spent. */
  state?: string;
  /** The user's name, for the password grant. RFC 6749, section 4.3.2. */
  username?: string;
  /** The user's password. A secret. */
  password?: string;
  /** The PKCE verifier that goes with {@link FetchTokenOptions.code}. RFC 7636. */
  codeVerifier?: string;
  /** The redirect URI that the code was issued to, where it is not the client's. */
  redirectUri?: string;
}

/** How `refreshToken()` sends its request. */
export type RefreshTokenOptions = TokenRequestOptions;

/** What `revokeToken()` may be given. */
export interface RevokeTokenOptions {
  /** The token to revoke; the stored refresh token and access token when left out. A secret. */
  token?: string;
  /** What kind of token it is; without a token: which one of the stored. RFC 7009, section 2.1. */
  hint?: TokenTypeHint;
}

/** What `introspectToken()` may be given. */
export interface IntrospectTokenOptions {
  /** The token to ask about; the stored access token when left out. A secret. */
  token?: string;
  /** What kind of token it is; without a token: which one of the stored. RFC 7662, section 2.1. */
  hint?: TokenTypeHint;
}
