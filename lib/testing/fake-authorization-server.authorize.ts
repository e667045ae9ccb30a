import { demand } from './fake-authorization-server.act.js';
import { endpointUrl } from './fake-authorization-server.context.js';
import type { AuthorizationCode, FakeServerContext } from './fake-authorization-server.context.js';
import { grantedScope, mayUse } from './fake-authorization-server.grants.js';
import {
  FakeProtocolError,
  fingerprint,
  parameter,
  scopeList,
} from './fake-authorization-server.http.js';
import type { FakeJournal, FakeJournalNotes } from './fake-authorization-server.journal.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeClient } from './fake-authorization-server.options.js';
import { issue } from './fake-authorization-server.token-endpoint.js';
import { newSecret } from './fake-authorization-server.tokens.js';

/** What the user at the browser does. */
export interface FakeAuthorizeOptions {
  /** Who it is. Default: `server.user`. */
  subject?: string;
  /** `false`: the answer is `access_denied`. Default true. */
  consent?: boolean;
  /** What the user grants, whatever was asked for. Default: what was asked for. */
  scope?: string | readonly string[];
}

/** The authorization endpoint over HTTP: the user of the moment consents to everything. */
export function authorizeEndpoint(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const params = request.method === 'POST' ? request.form : request.query;
  const location = authorize(params, {}, notes, server);
  return { status: 302, headers: { Location: location, 'Cache-Control': 'no-store' }, body: '' };
}

/** As if the user's browser had gone there: recorded, but not over HTTP, and no script applies. */
export function browse(
  url: URL,
  user: FakeAuthorizeOptions,
  journal: FakeJournal,
  server: FakeServerContext,
): string {
  const { href, pathname, searchParams, origin } = url;
  if (`${origin}${pathname}` !== endpointUrl(server, '/authorize')) {
    throw new Error(`${origin}${pathname} is not the authorization endpoint of this server`);
  }
  const [, entry] = journal.append(server.clock.now(), {
    endpoint: 'authorize',
    method: 'GET',
    url: href,
    path: pathname,
    query: searchParams,
    headers: {},
    rawHeaders: [],
    body: '',
    rawBody: Buffer.alloc(0),
    form: new URLSearchParams(),
  });
  entry.delivered = true;
  try {
    const callback = authorize(searchParams, user, entry, server);
    entry.status = 302;
    return callback;
  } catch (error) {
    if (error instanceof FakeProtocolError) {
      entry.status = error.status;
      entry.error = error.code;
    }
    throw error;
  }
}

/**
 * Judges an authorization request and answers the callback URL. What may not go to the redirect URI
 * (RFC 6749 section 4.1.2.1) is thrown: a browser would show it on the server's own page.
 */
export function authorize(
  params: URLSearchParams,
  user: FakeAuthorizeOptions,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): string {
  const client = server.clients.get(parameter(params, 'client_id') ?? '');
  if (!client) throw new FakeProtocolError('invalid_request', 'The client_id is not known');
  notes.client = client.clientId;
  const redirectUri = acceptedRedirectUri(client, parameter(params, 'redirect_uri'));
  const responseType = params.get('response_type') ?? '';
  const state = params.get('state');
  let answer: Record<string, string>;
  try {
    answer = decide(params, client, user, notes, server);
  } catch (error) {
    if (!(error instanceof FakeProtocolError)) throw error;
    notes.error = error.code;
    answer = { error: error.code, error_description: error.message };
  }
  const fields = new URLSearchParams(answer);
  if (state !== null) fields.set('state', state);
  fields.set('iss', server.urls.issuer);
  const url = new URL(redirectUri);
  if (responseType === 'token') url.hash = fields.toString();
  // Appended as text: what the redirect URI's own query looks like must stay as it is.
  else url.search = url.search ? `${url.search}&${fields}` : fields.toString();
  return url.href;
}

function acceptedRedirectUri(client: FakeClient, given: string | undefined): string {
  const { redirectUris } = client;
  const redirectUri = given ?? (redirectUris?.length === 1 ? redirectUris[0] : undefined);
  if (redirectUri === undefined) {
    throw new FakeProtocolError('invalid_request', 'The redirect_uri is missing');
  }
  const isAccepted = redirectUris?.includes(redirectUri) ?? URL.canParse(redirectUri);
  if (!isAccepted || redirectUri.includes('#')) {
    throw new FakeProtocolError('invalid_request', 'The redirect_uri is not registered');
  }
  return redirectUri;
}

/** The parameters of the callback; what is thrown goes there, too. */
function decide(
  params: URLSearchParams,
  client: FakeClient,
  user: FakeAuthorizeOptions,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): Record<string, string> {
  demand(server.act?.authorizationParams, (name) => params.get(name), 'parameter');
  for (const name of params.keys()) {
    if (name !== 'resource' && params.getAll(name).length > 1) {
      throw new FakeProtocolError('invalid_request', `The parameter ${name} is repeated`);
    }
  }
  const responseType = params.get('response_type') ?? '';
  const grant = { code: 'authorization_code', token: 'implicit' }[responseType];
  if (grant === undefined) {
    throw new FakeProtocolError('unsupported_response_type', 'Only code and token are known');
  }
  if (!mayUse(client, grant)) {
    throw new FakeProtocolError('unauthorized_client', 'The client may not use this grant');
  }
  const challenge = readChallenge(params, client);
  const asked = grantedScope(client, scopeList(params.get('scope')));
  const subject = user.subject ?? server.user;
  notes.subject = subject;
  if (user.consent === false) throw new FakeProtocolError('access_denied', 'The user said no');

  const scope = user.scope === undefined ? asked : scopeList(user.scope);
  const resource = params.getAll('resource');
  if (resource.length > 0) notes.resource = resource;
  if (responseType === 'token') {
    const family = server.tokens.openFamily({ client: client.clientId, subject, scope, resource });
    const nonce = parameter(params, 'nonce');
    return texts(issue({ family, scope, refresh: false, nonce }, notes, server));
  }
  const code: AuthorizationCode = {
    value: newSecret('code'),
    client: client.clientId,
    subject,
    scope,
    resource,
    redirectUri: parameter(params, 'redirect_uri'),
    challenge,
    nonce: parameter(params, 'nonce'),
    expiresAt: server.clock.now() + server.policy.codeSeconds,
  };
  server.codes.set(code.value, code);
  notes.issued = { code: fingerprint(code.value) };
  return { code: code.value };
}

function readChallenge(
  params: URLSearchParams,
  client: FakeClient,
): AuthorizationCode['challenge'] {
  const value = parameter(params, 'code_challenge');
  const method = parameter(params, 'code_challenge_method') ?? 'plain';
  if (value === undefined) {
    if (!client.requirePkce) return undefined;
    throw new FakeProtocolError('invalid_request', 'The code_challenge is missing');
  }
  if (method !== 'S256' && method !== 'plain') {
    throw new FakeProtocolError('invalid_request', 'The code_challenge_method is not known');
  }
  return { value, method };
}

function texts(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
