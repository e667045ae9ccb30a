import { externalText } from './external-text.js';
import { OAuthClientError, type OAuthClientErrorDetails } from './oauth-client.error.js';

/** Which endpoint of the authorization server failed. */
export type EndpointName =
  'token' | 'revocation' | 'introspection' | 'userinfo' | 'device_authorization';

/** What a {@link TokenEndpointError} is made from. */
export interface TokenEndpointErrorDetails extends OAuthClientErrorDetails {
  /** The endpoint that failed. */
  endpoint: EndpointName;
  /** The server's error code. */
  error?: unknown;
  /** The server's description. */
  errorDescription?: unknown;
  /** The server's page about the error. */
  errorUri?: unknown;
  /** HTTP status, where there was an answer. */
  status?: number | undefined;
  /** Seconds to wait, from `Retry-After`. */
  retryAfter?: number | undefined;
  /** A piece of a body that was not understood, without secrets. */
  excerpt?: string | undefined;
}

/**
 * The token endpoint, or another endpoint of the authorization server, did not answer, answered
 * with an error, or answered something that is no OAuth response. The stored token is untouched.
 * RFC 6749, section 5.2.
 */
export class TokenEndpointError extends OAuthClientError {
  /** The endpoint that failed. */
  readonly endpoint: EndpointName;
  /** The server's error code, such as `invalid_client`; absent when it gave none. */
  readonly error?: string;
  /** The server's description, cut and without control characters. */
  readonly errorDescription?: string;
  /** The server's page about the error. */
  readonly errorUri?: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Seconds after which the server, or our own pause, allows the next try. */
  readonly retryAfter?: number;
  /** A short piece of an answer that was not understood; whatever could be a secret is replaced. */
  readonly excerpt?: string;

  constructor(details: TokenEndpointErrorDetails) {
    super('token_endpoint', details);
    this.endpoint = details.endpoint;
    const error = externalText(details.error);
    const description = externalText(details.errorDescription);
    const uri = externalText(details.errorUri);
    if (error !== undefined) this.error = error;
    if (description !== undefined) this.errorDescription = description;
    if (uri !== undefined) this.errorUri = uri;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    if (details.excerpt !== undefined) this.excerpt = details.excerpt;
  }
}

/**
 * The server's metadata document could not be read, is not one, or names another issuer.
 * OpenID Connect Discovery 1.0, section 4.3; RFC 8414, section 3.3.
 */
export class DiscoveryError extends OAuthClientError {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;

  constructor(details: OAuthClientErrorDetails & { status?: number | undefined }) {
    super('discovery', details);
    if (details.status !== undefined) this.status = details.status;
  }
}
