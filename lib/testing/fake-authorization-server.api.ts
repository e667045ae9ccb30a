import type { FakeServerContext } from './fake-authorization-server.context.js';
import { FakeProtocolError, fingerprint, jsonResponse } from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';
import type { AccessToken } from './fake-authorization-server.tokens.js';

/** What the protected API answers to a live access token: the request as it saw it. */
export interface FakeApiAnswer {
  /** The HTTP method that was called with. */
  method: string;
  /** The path that was called, `/api` included. */
  path: string;
  /** Without `access_token`; a list where a name repeats. */
  query: Record<string, string | string[]>;
  /** Without `authorization`. */
  headers: Record<string, string | string[] | undefined>;
  /** JSON parsed, a form as its fields (without `access_token`), else text; `null` if there was none. */
  body: unknown;
  /** Whose token it was. */
  subject: string;
  /** The client that the token was issued to. */
  client: string;
  /** The scope of the token. */
  scope: string[];
  /** The access token's fingerprint. */
  token: string;
}

/** Anything under `/api`. */
export function protectedApi(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const token = requireToken(request, notes, server);
  const { authorization: _, ...headers } = request.headers;
  const answer: FakeApiAnswer = {
    method: request.method,
    path: request.path,
    query: fieldsOf(request.query),
    headers,
    body: bodyOf(request),
    subject: token.family.subject,
    client: token.family.client,
    scope: [...token.scope],
    token: fingerprint(token.value),
  };
  return jsonResponse(200, answer);
}

/** OpenID Connect Core section 5.3. */
export function userinfoEndpoint(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const token = requireToken(request, notes, server);
  if (!token.scope.includes('openid')) {
    throw challenge(403, 'insufficient_scope', 'The scope openid is needed', ', scope="openid"');
  }
  const { subject } = token.family;
  return jsonResponse(200, { sub: subject, name: subject, preferred_username: subject });
}

/** RFC 6750 sections 2 and 3. */
function requireToken(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): AccessToken {
  const found = [
    /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1],
    request.query.get('access_token'),
    request.form.get('access_token'),
  ].filter((one): one is string => typeof one === 'string');
  const [value] = found;
  if (value === undefined) {
    // Section 3.1: who brought no credentials is told nothing more.
    const headers = { 'WWW-Authenticate': 'Bearer realm="fake"' };
    throw new FakeProtocolError('unauthorized', 'No access token was sent', 401, headers);
  }
  if (found.length > 1) {
    throw challenge(400, 'invalid_request', 'The access token was sent in more than one way');
  }
  const token = server.tokens.access(value);
  if (!token) throw challenge(401, 'invalid_token', 'The access token is not known');
  const { family } = token;
  Object.assign(notes, { client: family.client, subject: family.subject, family: family.id });
  if (!server.tokens.isLiveAccess(token)) {
    throw challenge(401, 'invalid_token', 'The access token expired or was revoked');
  }
  return token;
}

function challenge(
  status: number,
  code: string,
  description: string,
  more = '',
): FakeProtocolError {
  const text = `Bearer realm="fake", error="${code}", error_description="${description}"${more}`;
  return new FakeProtocolError(code, description, status, { 'WWW-Authenticate': text });
}

function bodyOf(request: FakeRequest): unknown {
  if (request.body === '') return null;
  const type = request.headers['content-type'] ?? '';
  if (type.includes('application/x-www-form-urlencoded')) return fieldsOf(request.form);
  if (!/[/+]json\b/.test(type)) return request.body;
  try {
    return JSON.parse(request.body) as unknown;
  } catch {
    // A test may well send broken JSON on purpose: it sees what arrived.
    return request.body;
  }
}

function fieldsOf(params: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(params.keys())].filter((name) => name !== 'access_token');
  return Object.fromEntries(
    names.map((name) => {
      const values = params.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}
