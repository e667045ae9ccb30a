import { filter, Subject, type Observable } from 'rxjs';
import type { AuthorizationRequiredReason } from '../errors/authorization.errors.js';
import type { TokenKey } from '../store/token-key.js';

/**
 * What happened to a token. `fetched` and `refreshed`: by a token request of this process;
 * `stored` and `cleared`: set or deleted by the application; `refresh_failed`: a token request
 * failed, `final` when trying again is of no use; `reauthorization_required`: the grant is dead;
 * `superseded`: somebody set or deleted the token while it was renewed, and the renewed one was
 * thrown away; `revocation_failed`: that one could not be revoked at the server;
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
  | 'refresh_failed'
  | 'reauthorization_required'
  | 'superseded'
  | 'revocation_failed'
  | 'scope_changed'
  | 'rejected'
  | 'id_token_refused'
  | 'cooldown_began'
  | 'cooldown_ended';

/** One thing that happened to a token; never holds a secret. */
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
  /** How long the token request took, in milliseconds. */
  readonly durationMs?: number;
  /** How many times the token request was sent. */
  readonly attempts?: number;
  /** Of `refresh_failed`: the error's code, or the server's; of `id_token_refused`: why. */
  readonly error?: string;
  /** Of `refresh_failed`: whether trying again is of no use. */
  readonly final?: boolean;
  /** Of `cooldown_began`: seconds until the next try. */
  readonly retryAfter?: number;
  /** Of `scope_changed`: what was asked for and not granted. */
  readonly missing?: readonly string[];
  /** Of `scope_changed`: what was granted and not asked for. */
  readonly additional?: readonly string[];
  /** Of `reauthorization_required`: why. */
  readonly reason?: AuthorizationRequiredReason;
}

/** Carries the token events of one application. */
export class TokenEventBus {
  readonly #events = new Subject<TokenEvent>();

  /** Every event, from now on. */
  readonly events$: Observable<TokenEvent> = this.#events.asObservable();

  /** Ends the stream, when the application does. */
  close(): void {
    this.#events.complete();
  }

  /** The events of one client, or of one subject of it. */
  of(client: string, subject?: string): Observable<TokenEvent> {
    return this.events$.pipe(
      filter((event) => event.client === client && (subject ?? event.subject) === event.subject),
    );
  }

  /** Tells the observers. */
  emit(key: TokenKey, event: Omit<TokenEvent, 'client' | 'subject' | 'variant'>): void {
    this.#events.next({
      client: key.client,
      subject: key.subject,
      ...(key.variant !== undefined && { variant: key.variant }),
      ...event,
    });
  }
}
