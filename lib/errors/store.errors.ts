import { OAuthClientError, type OAuthClientErrorDetails } from './oauth-client.error.js';

/** The token store did not answer, or holds a record that cannot be read. */
export class TokenStoreError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('token_store', details);
  }
}

/** The wait for a renewal, here or in another process, took too long. */
export class LeaseTimeoutError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('lease_timeout', details);
  }
}
