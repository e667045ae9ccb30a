/** What `server.issueTokens()` is to make. */
export interface FakeIssueOptions {
  /** Default: `server.user`. */
  subject?: string;
  /** Default: the first client. */
  clientId?: string;
  /** The granted scope. Default: none. */
  scope?: string | readonly string[];
  /** Default true. */
  refreshToken?: boolean;
}

/** A token response (RFC 6749 section 5.1). */
export type FakeTokenResponse = {
  /** The access token. */
  access_token: string;
  /** Always `Bearer`. */
  token_type: string;
  /** Its lifetime in seconds. */
  expires_in: number;
  /** The refresh token, where one is given. */
  refresh_token?: string;
  /** The granted scope. */
  scope?: string;
  /** The ID token, where the scope has `openid`. */
  id_token?: string;
};
