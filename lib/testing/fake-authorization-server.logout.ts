import type { FakeServerContext } from './fake-authorization-server.context.js';
import { decodeJwt } from './fake-authorization-server.jwt.js';
import { parameter } from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';

/** OpenID Connect RP-Initiated Logout 1.0: the user agrees, and is sent back where they may go. */
export function endSession(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const params = request.method === 'POST' ? request.form : request.query;
  const hint = parameter(params, 'id_token_hint');
  const claims = hint === undefined ? {} : decodeJwt(hint, 'invalid_request').claims;
  const audience = typeof claims.aud === 'string' ? claims.aud : undefined;
  const clientId = parameter(params, 'client_id') ?? audience;
  notes.client = clientId;
  if (typeof claims.sub === 'string') notes.subject = claims.sub;
  const back = parameter(params, 'post_logout_redirect_uri');
  const known = clientId !== undefined && server.clients.has(clientId);
  if (back === undefined || !known) {
    return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Logged out' };
  }
  const location = new URL(back);
  const state = params.get('state');
  if (state !== null) location.searchParams.set('state', state);
  return { status: 302, headers: { Location: location.href }, body: '' };
}
