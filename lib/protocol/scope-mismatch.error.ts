import { externalText } from '../errors/external-text.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { scopeWords } from './scope-words.js';
import type { TokenSet } from './token-set.js';

/**
 * The server granted another scope than was asked for, and the client's `scopePolicy` does not put
 * up with it. The token is stored all the same, and every call fails until another one takes its
 * place. RFC 6749, section 3.3.
 */
export class ScopeMismatchError extends OAuthClientError {
  /** What was asked for and not granted. */
  readonly missing: readonly string[];
  /** What was granted and not asked for; what could be a token is replaced. */
  readonly additional: readonly string[];
  /** The token, which is stored. Printing it shows no secret. */
  declare readonly token: TokenSet;

  constructor(client: string, subject: string, token: TokenSet) {
    const { missing } = token;
    const additional = scopeWords(token.additional, token);
    const parts = [
      ...(missing.length > 0 ? [`${quoted(missing)} was not granted`] : []),
      ...(additional.length > 0 ? [`${quoted(additional)} was granted unasked`] : []),
    ];
    super('scope_mismatch', {
      client,
      subject,
      problem: `Of the scope, ${parts.join(', and ')}; the token is stored.`,
      remedy: 'Get another token once the server grants it, or choose another scopePolicy.',
    });
    this.missing = missing;
    this.additional = additional;
    Object.defineProperty(this, 'token', { value: token, enumerable: false });
  }
}

/** Scopes for a message: the server may have sent anything. */
function quoted(scope: readonly string[]): string {
  return `"${externalText(scope.join(' ')) ?? ''}"`;
}
