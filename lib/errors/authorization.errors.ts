import { externalText } from './external-text.js';
import { OAuthClientError, type OAuthClientErrorDetails } from './oauth-client.error.js';

/**
 * Why the user has to authorize again: `no_token` (never connected, or disconnected),
 * `grant_revoked` (the server says the grant is dead), `rotation_lost` (a renewed refresh token
 * never reached us), `not_renewable` (expired, and no refresh token was given),
 * `insufficient_scope` (the grant lacks scope that the call needs).
 */
export type AuthorizationRequiredReason =
  'no_token' | 'grant_revoked' | 'rotation_lost' | 'not_renewable' | 'insufficient_scope';

/** How the user comes back, where the grant knows no `authorizationUrl()`. */
const REMEDIES: Readonly<Record<string, string>> = {
  password: 'Ask the user for name and password, and pass them to fetchToken() of this session.',
  device_code: 'Show the user what authorizeDevice$() of this session brings.',
};

/**
 * There is no token and no way to get one without the user: send them to `authorizationUrl()`, or
 * to what begins the client's grant. RFC 6749, section 4.1.
 */
export class AuthorizationRequiredError extends OAuthClientError {
  /** Why the user is needed. */
  readonly reason: AuthorizationRequiredReason;
  /** The scope that the client asks for. */
  readonly scope: readonly string[];
  /** The scope that is needed and was not granted; empty where nobody named it. */
  readonly missing: readonly string[];

  constructor(
    details: Omit<OAuthClientErrorDetails, 'remedy'> & {
      reason: AuthorizationRequiredReason;
      scope?: readonly string[];
      /** What is needed and was not granted. */
      missing?: readonly string[];
      /** The client's grant, which says how the user comes back. */
      grant?: string;
      remedy?: string;
    },
  ) {
    super('authorization_required', {
      remedy:
        REMEDIES[details.grant ?? ''] ??
        'Send the user to the URL that authorizationUrl() of this session returns.',
      ...details,
    });
    this.reason = details.reason;
    this.scope = details.scope ?? [];
    this.missing = details.missing ?? [];
  }
}

/** The authorization server answered the authorization request with an error. RFC 6749, 4.1.2.1. */
export class AuthorizationResponseError extends OAuthClientError {
  /** The server's error code, such as `access_denied`. */
  readonly error: string;
  /** The server's description, cut and without control characters; escape it on a page. */
  readonly errorDescription?: string;
  /** Where inside the application the flow was to return to, as given to `authorizationUrl()`. */
  readonly returnTo?: string;

  constructor(
    details: Omit<OAuthClientErrorDetails, 'problem' | 'remedy'> & {
      error: unknown;
      errorDescription?: unknown;
      returnTo?: string | undefined;
      remedy?: string;
    },
  ) {
    const error = externalText(details.error) ?? 'unknown_error';
    const description = externalText(details.errorDescription);
    super('authorization_response', {
      remedy:
        error === 'access_denied'
          ? 'The user, or the server, refused: offer to connect again.'
          : 'Start again with authorizationUrl(), and check how the client is registered there.',
      ...details,
      problem: `The authorization server answered "${error}"${description === undefined ? '' : ` (${description})`}.`,
    });
    this.error = error;
    if (description !== undefined) this.errorDescription = description;
    if (details.returnTo !== undefined) this.returnTo = details.returnTo;
  }
}

/**
 * The state of a callback is missing, unknown, already used, too old, or belongs to another
 * browser, client or subject. RFC 6749, section 10.12.
 */
export class MismatchingStateError extends OAuthClientError {
  constructor(details: Omit<OAuthClientErrorDetails, 'remedy'> & { remedy?: string }) {
    super('mismatching_state', {
      remedy: 'Start again with authorizationUrl(); tokens that are stored already are untouched.',
      ...details,
    });
  }
}

/** The callback holds neither a code nor an error. RFC 6749, section 4.1.2. */
export class MissingCodeError extends OAuthClientError {
  constructor(details: Omit<OAuthClientErrorDetails, 'problem' | 'remedy'>) {
    super('missing_code', {
      ...details,
      problem: 'The authorization response holds no code.',
      remedy: 'Pass the full callback URL as authorizationResponse.',
    });
  }
}
