/** When and how a client's tokens are renewed. */
export interface RefreshOptions {
  /**
   * Seconds before its end from which a token counts as expired; at most a quarter of the token's
   * lifetime. A token that was just received is always used.
   *
   * @defaultValue 60
   */
  leewaySeconds?: number;
  /**
   * Milliseconds that one request to the authorization server, or the wait for somebody else's
   * renewal, may take.
   *
   * @defaultValue 10000
   */
  timeoutMs?: number;
  /**
   * How many renewals of this client run at once in this process; others wait their turn.
   *
   * @defaultValue 20
   */
  concurrency?: number;
  /**
   * Seconds for which a token that was renewed because of a 401, and rejected again, is not
   * renewed once more: the 401 goes to the caller.
   *
   * @defaultValue 60
   */
  rejectedPauseSeconds?: number;
}

/** The defaults of {@link RefreshOptions}, stated here alone. */
export const REFRESH_DEFAULTS: Required<RefreshOptions> = {
  leewaySeconds: 60,
  timeoutMs: 10_000,
  concurrency: 20,
  rejectedPauseSeconds: 60,
};
