/**
 * A pending authorization request: what the callback needs, and what it is checked against. Kept
 * under a hash of its state, taken once. A pending logout is kept in the same form.
 */
export interface AuthorizationRequestRecord {
  /** What is pending; an authorization where it is absent, as earlier releases wrote it. */
  readonly kind?: 'authorization' | 'sign_in' | 'logout';
  /** The client that asked. */
  readonly client: string;
  /** For whom; `''` for the client itself, and for whoever a sign-in turns out to be. */
  readonly subject: string;
  /** The issuer that must answer, where one is known. RFC 9207. */
  readonly issuer?: string;
  /** Whether the answer must name it: the server has said that its answers do. */
  readonly namesIssuer?: boolean;
  /** The redirect URI that was sent, to be sent again with the code. */
  readonly redirectUri?: string;
  /** The PKCE verifier. A secret. RFC 7636, section 4.1. */
  readonly codeVerifier?: string;
  /** The nonce that an ID token must carry. */
  readonly nonce?: string;
  /** The `max_age` that was sent, in seconds: how long ago the user may have signed in. */
  readonly maxAge?: number;
  /** The scope that was asked for. */
  readonly scope: readonly string[];
  /** What the token is to be for, where the flow was begun on a session of `with()`. */
  readonly variant?: {
    readonly scope?: readonly string[];
    readonly resource?: readonly string[];
    readonly audience?: readonly string[];
  };
  /** SHA-256 of the browser binding, when the flow was begun with one. */
  readonly bindingHash?: string;
  /** Where inside the application the flow returns to. */
  readonly returnTo?: string;
  /** When the flow was begun, in epoch milliseconds. */
  readonly createdAt: number;
}

/** Keeps pending authorization requests: hash of state to what the callback needs, single use. */
export interface AuthorizationRequestStore {
  /**
   * Keeps a request for so many milliseconds; false, and nothing is kept, when there is one under
   * this state already.
   */
  save(stateHash: string, request: AuthorizationRequestRecord, ttlMs: number): Promise<boolean>;
  /** Takes a request out; a second take of the same state finds nothing. */
  take(stateHash: string): Promise<AuthorizationRequestRecord | undefined>;
  /** Ends connections and timers that the store itself has made. */
  close?(): Promise<void>;
}
