import type { IncomingMessage } from 'node:http';
import { fingerprint } from './fake-authorization-server.http.js';
import type { FakeEndpoint, FakeRequest } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';

/** Where each endpoint's requests carry the secret that they present. */
const PRESENTED: Partial<Record<FakeEndpoint, readonly string[]>> = {
  token: ['refresh_token', 'code', 'device_code', 'assertion'],
  revocation: ['token'],
  introspection: ['token'],
  userinfo: ['access_token'],
  api: ['access_token'],
};

/** A request as it arrived. */
export function received(
  req: IncomingMessage,
  rawBody: Buffer,
  url: URL,
  endpoint: FakeEndpoint,
): Omit<FakeRequest, 'sequence'> {
  const body = rawBody.toString();
  const isForm = req.headers['content-type']?.includes('application/x-www-form-urlencoded');
  return {
    endpoint,
    method: req.method ?? 'GET',
    url: url.href,
    path: url.pathname,
    query: url.searchParams,
    headers: req.headers,
    rawHeaders: req.rawHeaders,
    body,
    rawBody,
    form: new URLSearchParams(isForm ? body : ''),
  };
}

/** What a request shows on arrival, and the journal thus knows even if a script answers it. */
export function arrivalNotes(request: Omit<FakeRequest, 'sequence'>): FakeJournalNotes {
  const { endpoint, form, query, headers } = request;
  const grantType = form.get('grant_type') ?? query.get('grant_type');
  const bearer = /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [field] = (PRESENTED[endpoint] ?? [])
    .map((name) => form.get(name) ?? query.get(name))
    .filter((value) => value !== null);
  const presented = bearer ?? field;
  return {
    ...(endpoint === 'token' && grantType && { grantType }),
    ...(presented && { presented: fingerprint(presented) }),
  };
}
