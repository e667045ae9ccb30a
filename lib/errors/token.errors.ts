import { OAuthClientError, type OAuthClientErrorDetails } from './oauth-client.error.js';

/** A token was expected and there is none: an empty response, or nothing stored. */
export class MissingTokenError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('missing_token', details);
  }
}

/** The token at hand has expired and cannot be renewed here. */
export class TokenExpiredError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('token_expired', details);
  }
}

/** The token is of a type that cannot be placed on a request, such as `mac`. RFC 6749, 7.1. */
export class UnsupportedTokenTypeError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('unsupported_token_type', details);
  }
}
