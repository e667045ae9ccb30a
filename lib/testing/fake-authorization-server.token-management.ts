import { requireClient } from './fake-authorization-server.client-authentication.js';
import type { FakeServerContext } from './fake-authorization-server.context.js';
import {
  FakeProtocolError,
  jsonResponse,
  NO_STORE,
  requiredParameter,
} from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';
import type { AccessToken, RefreshToken } from './fake-authorization-server.tokens.js';

/** RFC 7009: a refresh token takes its whole family with it, an access token only itself. */
export function revocationEndpoint(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const { access, refresh } = readToken(request, notes, server);
  const owner = (access ?? refresh)?.family.client;
  if (owner !== undefined && owner !== notes.client) {
    throw new FakeProtocolError('unauthorized_client', 'The token belongs to another client');
  }
  if (access) access.revoked = true;
  if (refresh) server.tokens.revokeFamily(refresh.family.id);
  // Section 2.2: a token that is not known is not an error.
  return { status: 200, headers: { ...NO_STORE }, body: '' };
}

/** RFC 7662. */
export function introspectionEndpoint(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const { access, refresh } = readToken(request, notes, server);
  const isActive = access
    ? server.tokens.isLiveAccess(access)
    : refresh !== undefined && server.tokens.isLiveRefresh(refresh);
  const token = access ?? refresh;
  if (!token || !isActive) return jsonResponse(200, { active: false }, NO_STORE);
  const scope = access?.scope ?? token.family.scope;
  const body = {
    active: true,
    client_id: token.family.client,
    sub: token.family.subject,
    username: token.family.subject,
    scope: scope.join(' '),
    iss: server.urls.issuer,
    iat: Math.floor(token.issuedAt),
    ...(access && { token_type: 'Bearer' }),
    ...(access && access.resource.length > 0 && { aud: access.resource }),
    ...(Number.isFinite(token.expiresAt) && { exp: Math.floor(token.expiresAt) }),
  };
  return jsonResponse(200, body, NO_STORE);
}

function readToken(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): { access?: AccessToken; refresh?: RefreshToken } {
  notes.client = requireClient(request, request.form, server).clientId;
  const value = requiredParameter(request.form, 'token');
  const access = server.tokens.access(value);
  const refresh = server.tokens.refresh(value);
  const family = (access ?? refresh)?.family;
  if (family) Object.assign(notes, { subject: family.subject, family: family.id });
  return { access, refresh };
}
