import type { AuthorizationRequiredReason } from '../errors/authorization.errors.js';

/** Every type of event, as JavaScript sees them; the compiler holds it to {@link TokenEventType}. */
const TYPES: Readonly<Record<TokenEventType, true>> = {
  fetched: true,
  refreshed: true,
  stored: true,
  cleared: true,
  revoked: true,
  fetch_failed: true,
  refresh_failed: true,
  reauthorization_required: true,
  superseded: true,
  revocation_failed: true,
  scope_changed: true,
  rejected: true,
  id_token_refused: true,
  cooldown_began: true,
  cooldown_ended: true,
};

/**
 * What happened to a token. `fetched` and `refreshed`: by a token request of this process;
 * `stored` and `cleared`: set or deleted by the application; `revoked`: the server was told to
 * revoke it, and said so; `refresh_failed`: a token that was needed could not be got or renewed,
 * `final` when trying again is of no use; `fetch_failed`: a code, a password or a device code
 * brought no token; `reauthorization_required`: the grant is dead, or has ended and cannot be
 * renewed; `superseded`: somebody set or deleted the token while it was renewed, and the renewed one
 * was thrown away; `revocation_failed`: a token could not be revoked at the server;
 * `scope_changed`: another scope was granted than was asked for; `rejected`: the API refuses a
 * token that was just renewed, so it is not renewed again for a while; `id_token_refused`: the ID
 * token of a renewal is not to be believed, so that the former one stands; `cooldown_began` and
 * `cooldown_ended`: the token endpoint of the client is left alone, and asked again.
 */
export type TokenEventType =
  | 'fetched'
  | 'refreshed'
  | 'stored'
  | 'cleared'
  | 'revoked'
  | 'fetch_failed'
  | 'refresh_failed'
  | 'reauthorization_required'
  | 'superseded'
  | 'revocation_failed'
  | 'scope_changed'
  | 'rejected'
  | 'id_token_refused'
  | 'cooldown_began'
  | 'cooldown_ended';

/** One thing that happened to a token; never holds a secret. Frozen: every observer sees the same. */
export interface TokenEvent {
  /** What happened. */
  readonly type: TokenEventType;
  /** The client. */
  readonly client: string;
  /** Whose token; `''` is the client itself. */
  readonly subject: string;
  /** Which variant of the token, where it is one. */
  readonly variant?: string;
  /** When, in epoch milliseconds. */
  readonly at: number;
  /** When the token ends, in epoch seconds. */
  readonly expiresAt?: number;
  /** Tells tokens apart; says nothing of the token. */
  readonly fingerprint?: string;
  /**
   * How long it took, in milliseconds: the token request with its waits, or the revocation; of
   * `cooldown_ended`: how long the endpoint was left alone.
   */
  readonly durationMs?: number;
  /** How many times the token request was sent. */
  readonly attempts?: number;
  /**
   * Of what failed, of `reauthorization_required` and of `cooldown_began`: the server's error, else
   * the status, the code of a connection that failed (such as `ENOTFOUND`), or ours; of
   * `id_token_refused`: why.
   */
  readonly error?: string;
  /** Of `refresh_failed` and `fetch_failed`: whether trying again is of no use. */
  readonly final?: boolean;
  /**
   * Of `cooldown_began`, and of `refresh_failed` where the client now rests: seconds until the next
   * try. Without it, the next call that needs a token makes it.
   */
  readonly retryAfter?: number;
  /** Of `revoked` and `revocation_failed`: which of the tokens, where that is known. RFC 7009. */
  readonly tokenTypes?: readonly ('access_token' | 'refresh_token')[];
  /** Of `scope_changed`: what was asked for and not granted. */
  readonly missing?: readonly string[];
  /** Of `scope_changed`: what was granted and not asked for; what could be a token is replaced. */
  readonly additional?: readonly string[];
  /** Of `reauthorization_required`: why. */
  readonly reason?: AuthorizationRequiredReason;
}

/** Every type of event. */
export const TOKEN_EVENT_TYPES: readonly string[] = Object.keys(TYPES);
