/** What a token endpoint answers. */
export interface Tokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
}

/** What happened since the last time that somebody asked. */
export interface Counts {
  /** Requests at the token endpoint. */
  readonly tokenRequests: number;
  /** Refresh tokens that came a second time: each ended its grant. */
  readonly reused: number;
  /** Calls that were let in, and that were not. */
  readonly admitted: number;
  readonly refused: number;
}

/** What the server's process may be asked for. */
export type Ask =
  /** Tokens of so many grants. */
  | { readonly name: 'issue'; readonly count: number }
  /** No access token that there is counts from now on; refresh tokens do. */
  | { readonly name: 'endAccess' }
  /** How long the tokens live that are issued from now on. */
  | { readonly name: 'lifetime'; readonly seconds: number }
  /** Refusals come over so many milliseconds, not at once. */
  | { readonly name: 'spread'; readonly milliseconds: number }
  /** What happened; counts from nothing again. */
  | { readonly name: 'counts' };

/** What it says. */
export type Answer = readonly Tokens[] | Counts | null;
