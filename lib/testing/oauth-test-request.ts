import type { IncomingMessage } from 'node:http';

/** A request that a client of the test kit has sent, as it would have gone over the wire. */
export interface OAuthTestRequest {
  /** The HTTP method, in capitals. */
  readonly method: string;
  /** The full address, query included. */
  readonly url: string;
  /** The path below the client's `baseURL`; the whole path where it is not below it. No query. */
  readonly path: string;
  /** The query; a list where a name repeats. */
  readonly query: Readonly<Record<string, string | string[]>>;
  /** What stands in place of `:name` in the route that answers: `GET /repos/:owner`. */
  readonly params: Readonly<Record<string, string>>;
  /** The headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON parsed, the fields of a form, other text as it is, bytes as a `Buffer`, or `undefined`. */
  readonly body: unknown;
  /** For whom: the application's own identifier, `''` for the client itself. */
  readonly subject: string;
}

/** A call to the API. */
export interface OAuthTestCall extends OAuthTestRequest {
  /** The access token that it carried; `undefined` where it carried none. */
  readonly token: string | undefined;
}

/** A request for a token. */
export interface OAuthTestTokenRequest extends OAuthTestRequest {
  /** The value of `grant_type`: `refresh_token` is a renewal. */
  readonly grantType: string;
  /** The scope that was asked for; empty where none was named. */
  readonly scope: readonly string[];
}

/** The header that brings the subject of a token request along, and is in no record of it. */
export const SUBJECT_HEADER = 'x-oauth-test-subject';

/** Reads a request to its end. */
export async function requestOf(
  message: IncomingMessage,
  origin: string,
  subject: string | undefined,
  bases: Iterable<string>,
): Promise<OAuthTestRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '/', origin);
  const { [SUBJECT_HEADER]: named = '', ...headers } = headersOf(message);
  return {
    method: message.method ?? 'GET',
    url: url.href,
    path: pathBelow(url, bases),
    query: fieldsOf(url.searchParams),
    params: {},
    headers,
    body: bodyOf(headers['content-type'] ?? '', Buffer.concat(chunks)),
    subject: subject ?? decodeURIComponent(named),
  };
}

/** The call that a request to the API is. */
export function callOf(request: OAuthTestRequest): OAuthTestCall {
  const { authorization = '' } = request.headers;
  const placed = [request.query, request.body].map((where) =>
    isRecord(where) ? where['access_token'] : undefined,
  );
  const found = /^\S+ +(.+)$/.exec(authorization)?.[1] ?? placed.find((one) => one !== undefined);
  return { ...request, token: typeof found === 'string' ? found : undefined };
}

/** The token request that a request is, by the book or with its parameters in the query or JSON. */
export function tokenRequestOf(request: OAuthTestRequest): OAuthTestTokenRequest | undefined {
  const grantType = parameterOf(request, 'grant_type');
  if (grantType === undefined) return undefined;
  const scope = parameterOf(request, 'scope') ?? '';
  return { ...request, grantType, scope: scope.split(/[\s,]+/).filter((part) => part !== '') };
}

/** A parameter of a request to the authorization server. */
export function parameterOf(request: OAuthTestRequest, name: string): string | undefined {
  const body = isRecord(request.body) ? request.body[name] : undefined;
  const value = body ?? request.query[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function pathBelow(url: URL, bases: Iterable<string>): string {
  const prefixes = [...bases]
    .filter((base) => URL.canParse(base) && new URL(base).origin === url.origin)
    .map((base) => new URL(base).pathname.replace(/\/+$/, ''))
    .filter((prefix) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
  const longest = Math.max(0, ...prefixes.map(({ length }) => length));
  return url.pathname.slice(longest) || '/';
}

function bodyOf(type: string, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (/\bx-www-form-urlencoded\b/i.test(type)) return fieldsOf(new URLSearchParams(String(bytes)));
  if (/[/+]json\b/i.test(type)) {
    try {
      return JSON.parse(String(bytes)) as unknown;
    } catch {
      // What was sent as JSON and is none is shown as it is.
      return String(bytes);
    }
  }
  return /^(text|multipart)\/|[/+]xml\b/i.test(type) || type === '' ? String(bytes) : bytes;
}

function fieldsOf(params: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}
