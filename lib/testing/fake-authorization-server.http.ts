import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The endpoints of a `FakeAuthorizationServer`, as its journal and its scripts name them. */
export type FakeEndpoint =
  | 'discovery'
  | 'jwks'
  | 'authorize'
  | 'device_authorization'
  | 'token'
  | 'revocation'
  | 'introspection'
  | 'userinfo'
  | 'end_session'
  | 'api'
  | 'unknown';

/** A request as it came over the wire, secrets included: for assertions in tests. */
export interface FakeRequest {
  /** The `sequence` of the journal entry about this request. */
  readonly sequence: number;
  /** Which endpoint was called. */
  readonly endpoint: FakeEndpoint;
  /** The HTTP method. */
  readonly method: string;
  /** Absolute, query included. */
  readonly url: string;
  /** The path, without the query. */
  readonly path: string;
  /** The query. */
  readonly query: URLSearchParams;
  /** The headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent: case and repeats are kept. */
  readonly rawHeaders: readonly string[];
  /** The body as text. */
  readonly body: string;
  /** The body as it was sent. */
  readonly rawBody: Buffer;
  /** The body's fields when it is form-encoded, else empty. */
  readonly form: URLSearchParams;
}

/** An answer before it is written: what `transform()` is given. */
export interface FakeResponse {
  /** The HTTP status. */
  status: number;
  /** The headers. */
  headers: Record<string, string | string[]>;
  /** The body as text. */
  body: string;
}

/** How the journal names a secret: the first 12 hex digits of its SHA-256. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 12);
}

/** An error in the words of RFC 6749 section 5.2; becomes the answer of the endpoint that throws it. */
export class FakeProtocolError extends Error {
  constructor(
    readonly code: string,
    description: string,
    readonly status = code === 'invalid_client' ? 401 : 400,
    readonly headers: Record<string, string> = {},
  ) {
    super(description);
    this.name = 'FakeProtocolError';
  }

  toResponse(): FakeResponse {
    const body = { error: this.code, error_description: this.message };
    return jsonResponse(this.status, body, { ...NO_STORE, ...this.headers });
  }
}

/** RFC 6749 section 5.1 asks for both. */
export const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** A JSON answer. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): FakeResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

/** Scopes given as a list or as the wire's space-separated string. */
export function scopeList(scope: string | readonly string[] | null | undefined): string[] {
  const names = typeof scope === 'string' ? scope.split(' ') : (scope ?? []);
  return [...new Set(names.filter((name) => name !== ''))];
}

/** The one value of a parameter; absent and empty are the same (RFC 6749 section 3.2). */
export function parameter(form: URLSearchParams, name: string): string | undefined {
  return form.get(name) || undefined;
}

/** As {@link parameter}, or `invalid_request`. */
export function requiredParameter(form: URLSearchParams, name: string): string {
  const value = parameter(form, name);
  if (value === undefined) {
    throw new FakeProtocolError('invalid_request', `The parameter ${name} is missing`);
  }
  return value;
}
