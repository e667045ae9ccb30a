import { OAuthClientError } from '../errors/oauth-client.error.js';
import { authorizationRequiredBy } from '../pipeline/refused-scope.js';

/**
 * What the filter answers, as Nest asks for it: by `instanceof`. Errors of axios are among it where
 * an API demands more scope; all others go to whichever filter they are for.
 */
export class Answerable {
  static [Symbol.hasInstance](thrown: unknown): boolean {
    return answerable(thrown) !== undefined;
  }
}

/** The error of ours that is behind what was thrown, if any. */
export function answerable(thrown: unknown): OAuthClientError | undefined {
  return thrown instanceof OAuthClientError ? thrown : authorizationRequiredBy(thrown);
}
