import { OAuthClientError } from '../errors/oauth-client.error.js';
import type { TokenSet } from './token-set.js';

/**
 * The server granted another scope than was asked for, and the client's `scopePolicy` does not put
 * up with it. The token is stored all the same. RFC 6749, section 3.3.
 */
export class ScopeMismatchError extends OAuthClientError {
  /** What was asked for and not granted. */
  readonly missing: readonly string[];
  /** What was granted and not asked for. */
  readonly additional: readonly string[];
  /** The token, which is stored and can be used. Printing it shows no secret. */
  declare readonly token: TokenSet;

  constructor(client: string, subject: string, token: TokenSet) {
    const { missing, additional } = token;
    const parts = [
      ...(missing.length > 0 ? [`"${missing.join(' ')}" was not granted`] : []),
      ...(additional.length > 0 ? [`"${additional.join(' ')}" was granted unasked`] : []),
    ];
    super('scope_mismatch', {
      client,
      subject,
      problem: `Of the scope, ${parts.join(', and ')}; the token is stored.`,
      remedy: 'Ask the user again, or choose another scopePolicy.',
    });
    this.missing = missing;
    this.additional = additional;
    Object.defineProperty(this, 'token', { value: token, enumerable: false });
  }
}
