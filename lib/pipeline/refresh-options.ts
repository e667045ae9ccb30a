import { COOLDOWN_DEFAULTS, type CooldownOptions } from './cooldown.js';

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
  /**
   * Seconds before its end from which a token that is in use is renewed in the background, while
   * calls go on with it: at most half of its lifetime, and only useful above
   * {@link RefreshOptions.leewaySeconds}. Of several replicas one renews it. 0 renews when a call
   * needs it.
   *
   * @defaultValue 0
   */
  aheadSeconds?: number;
  /**
   * When the token endpoint is left alone after failures; `false` does so only as long as it asks
   * for (429, or 503 with `Retry-After`).
   */
  cooldown?: false | CooldownOptions;
}

/** The defaults of {@link RefreshOptions}, stated here alone. */
export const REFRESH_DEFAULTS: Required<RefreshOptions> = {
  leewaySeconds: 60,
  timeoutMs: 10_000,
  concurrency: 20,
  rejectedPauseSeconds: 60,
  aheadSeconds: 0,
  cooldown: COOLDOWN_DEFAULTS,
};
