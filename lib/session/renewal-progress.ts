import type { OAuthClientError } from '../errors/oauth-client.error.js';

/** What `registry.renewExpiring()` is told. */
export interface RenewExpiringOptions {
  /**
   * Grants whose access token ends within so many seconds are renewed, and those whose has ended
   * already: with 86,400, once a day, all that are of a day or less. Tokens that never last that
   * long are left alone in the first half of their life, once a renewal has brought them, or
   * `setToken()`, so that a run that follows another, here or in another replica, finds nothing to do.
   */
  within: number;
  /** Only these clients; all that act for users when left out. */
  clients?: readonly string[];
  /** How many renewals are under way at a time, of all clients together. */
  concurrency?: number;
  /** Ends the run early: no other renewal is begun, and those under way are waited for. */
  signal?: AbortSignal;
}

/** The defaults of {@link RenewExpiringOptions}, stated here alone. */
export const RENEW_EXPIRING_DEFAULTS = { concurrency: 5 };

/**
 * Why a grant was left as it is. `renewed_elsewhere`: another replica, or a call, was first;
 * `gone`: somebody has deleted it meanwhile; `not_renewable`: there is no refresh token;
 * `cooldown`: the token endpoint of the client is left alone; `client_failing`: the client was given
 * up for this run, after an error that is about the client and not about the grant, or after ten
 * failures in a row; `closed`: the client was removed meanwhile, or the application shuts down.
 */
export type RenewalSkipReason =
  'renewed_elsewhere' | 'gone' | 'not_renewable' | 'cooldown' | 'client_failing' | 'closed';

/** What became of one grant. */
export interface RenewalStep {
  /** The client's name. */
  readonly client: string;
  /** Whose grant; personal data, as the application's own identifiers are. */
  readonly subject: string;
  /**
   * `ended`: the server says that the grant has ended, and its user has to authorize again;
   * `failed`: it stands as it was, and the next call that needs it, or the next run, tries again.
   */
  readonly outcome: 'renewed' | 'ended' | 'failed' | 'skipped';
  /** Of `skipped`: why. */
  readonly reason?: RenewalSkipReason;
  /** Of `failed` and `ended`: the error, an `AuthorizationRequiredError` for what has ended. */
  readonly error?: OAuthClientError;
}

/** How far a run has come: one for each grant that is due, and a last one. */
export interface RenewalProgress {
  /** How many of the grants that are due are dealt with: the sum of the four that follow. */
  readonly done: number;
  /** How many were renewed by this process. */
  readonly renewed: number;
  /** How many have ended: their users have to authorize again. */
  readonly ended: number;
  /** How many could not be renewed now. */
  readonly failed: number;
  /** How many were left as they are. */
  readonly skipped: number;
  /** How many were found that are due, so far. */
  readonly total: number;
  /** How many grants were looked at, due or not, so far. */
  readonly read: number;
  /** The grant at hand; absent on the last one. */
  readonly step?: RenewalStep;
  /** On the last one: whether all grants were looked at, or the run was stopped before. */
  readonly finished?: 'complete' | 'stopped';
}
