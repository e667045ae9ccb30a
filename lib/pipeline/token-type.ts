import { UnsupportedTokenTypeError } from '../errors/token.errors.js';
import type { TokenSet } from '../protocol/token-set.js';

const USABLE = /^bearer$/i;

/**
 * Throws unless a token, wherever it came from, can be placed on a request. RFC 6750.
 */
export function demandBearer(
  token: Pick<TokenSet, 'tokenType'>,
  who: { readonly client: string; readonly subject?: string },
  remedy: string,
): void {
  if (token.tokenType === 'Bearer' || USABLE.test(token.tokenType)) return;
  throw new UnsupportedTokenTypeError({
    ...who,
    problem: 'The token is of a type that cannot be used.',
    remedy,
  });
}
