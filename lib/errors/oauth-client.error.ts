import { OWN_ERROR, safeCause } from './safe-cause.js';

/** The stable code of each error class, for logs and `switch` statements. */
export type OAuthClientErrorCode =
  | 'configuration'
  | 'insecure_transport'
  | 'origin_not_allowed'
  | 'authorization_required'
  | 'authorization_response'
  | 'mismatching_state'
  | 'missing_code'
  | 'token_endpoint'
  | 'discovery'
  | 'missing_token'
  | 'token_expired'
  | 'unsupported_token_type'
  | 'scope_mismatch'
  | 'token_store'
  | 'lease_timeout'
  | 'shutting_down'
  | 'reentrant_token_request'
  | 'handler'
  | 'registration_unavailable';

/** What every error of this library is made from. */
export interface OAuthClientErrorDetails {
  /** The client concerned, as it is registered. */
  client?: string | undefined;
  /** The subject concerned; never part of the message, since it may be personal data. */
  subject?: string | undefined;
  /** What happened, as one sentence. */
  problem: string;
  /** What to do about it, as one sentence. */
  remedy: string;
  /** What it came from; reduced to name, code and message. */
  cause?: unknown;
}

/**
 * Base of every error this library throws. The message names the client and the remedy; neither
 * the message nor an enumerable field ever holds a token, secret, code or verifier.
 *
 * @example
 * ```ts
 * try {
 *   await firstValueFrom(github.for(userId).get('/user'));
 * } catch (error) {
 *   if (error instanceof OAuthClientError) logger.warn(error.code, error.client);
 *   throw error;
 * }
 * ```
 */
export abstract class OAuthClientError extends Error {
  /** Which of the error classes this is, as a stable word. */
  readonly code: OAuthClientErrorCode;
  /** The client concerned, as it is registered. */
  readonly client?: string;
  /** The subject concerned. */
  readonly subject?: string;

  protected constructor(code: OAuthClientErrorCode, details: OAuthClientErrorDetails) {
    const { client, subject, problem, remedy, cause } = details;
    const prefix = client === undefined ? '' : `OAuth client "${client}": `;
    super(
      `${prefix}${problem} ${remedy}`,
      cause === undefined ? undefined : { cause: safeCause(cause) },
    );
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true });
    this.code = code;
    if (client !== undefined) this.client = client;
    if (subject !== undefined) this.subject = subject;
  }
}
Object.defineProperty(OAuthClientError.prototype, OWN_ERROR, { value: true });
