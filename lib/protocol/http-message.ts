/**
 * A request to an endpoint of the authorization server, as compliance hooks see it: client
 * authentication is on it already.
 */
export interface TokenEndpointRequest {
  /** Where it goes. */
  url: URL;
  /** `POST`, or `GET` for servers that want it. */
  method: string;
  /** Its headers. */
  headers: Headers;
  /** Its form, or its text where a hook replaced the form. */
  body: URLSearchParams | string;
}

/**
 * The answer of an endpoint of the authorization server, before it is understood; immutable. A hook
 * returns it, or a changed copy made by {@link TokenEndpointResponse.with} or
 * {@link TokenEndpointResponse.withJson}. Printing it does not show the body.
 */
export class TokenEndpointResponse {
  /** The HTTP status. */
  readonly status: number;
  readonly #headers: Headers;
  readonly #body: string;

  constructor(status: number, headers: Headers, body: string) {
    this.status = status;
    this.#headers = headers;
    this.#body = body;
  }

  /** The headers. */
  get headers(): Headers {
    return this.#headers;
  }

  /** The body as text. Holds secrets. */
  get body(): string {
    return this.#body;
  }

  /** The body read as JSON; `undefined` when it is none. */
  json(): unknown {
    try {
      return JSON.parse(this.#body) as unknown;
    } catch {
      return undefined;
    }
  }

  /** A copy with another status, headers or body. */
  with(changes: {
    status?: number;
    headers?: ConstructorParameters<typeof Headers>[0];
    body?: string;
  }): TokenEndpointResponse {
    return new TokenEndpointResponse(
      changes.status ?? this.status,
      changes.headers === undefined ? this.#headers : new Headers(changes.headers),
      changes.body ?? this.#body,
    );
  }

  /** A copy whose body is this value as JSON, with the content type to match. */
  withJson(value: unknown): TokenEndpointResponse {
    const headers = new Headers(this.#headers);
    headers.set('content-type', 'application/json');
    return this.with({ headers, body: JSON.stringify(value) });
  }

  /** What JSON shows: the status. */
  toJSON(): { status: number } {
    return { status: this.status };
  }
}
