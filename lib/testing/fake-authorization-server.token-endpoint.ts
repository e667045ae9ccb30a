import {
  authenticateClient,
  requireClient,
} from './fake-authorization-server.client-authentication.js';
import type { FakeServerContext } from './fake-authorization-server.context.js';
import { grantOf } from './fake-authorization-server.extension-grants.js';
import { mayUse, type GrantDecision } from './fake-authorization-server.grants.js';
import {
  FakeProtocolError,
  fingerprint,
  jsonResponse,
  NO_STORE,
  requiredParameter,
} from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';

/** Parameters that a token request may repeat (RFC 8707, RFC 8693). */
const REPEATABLE = new Set(['resource', 'audience']);

/** The token endpoint, RFC 6749 section 3.2. */
export function tokenEndpoint(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const form = tokenParameters(request, server);
  const grantType = requiredParameter(form, 'grant_type');
  notes.grantType = grantType;
  const resource = form.getAll('resource');
  if (resource.length > 0) notes.resource = resource;
  const grant = grantOf(grantType, server);
  const isOptional = grant?.client === 'optional';
  const client = (isOptional ? authenticateClient : requireClient)(request, form, server);
  notes.client = client?.clientId;
  if (!grant) {
    throw new FakeProtocolError('unsupported_grant_type', 'The grant_type is not known');
  }
  if (!mayUse(client, grantType)) {
    throw new FakeProtocolError('unauthorized_client', 'The client may not use this grant');
  }
  const decision = grant.decide({ form, client, notes }, server);
  const wantsRefresh = decision.refresh && mayUse(client, 'refresh_token');
  return jsonResponse(200, issue({ ...decision, refresh: wantsRefresh }, notes, server), NO_STORE);
}

/** Makes the tokens of a decision: the body of RFC 6749 section 5.1. */
export function issue(
  decision: GrantDecision,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): Record<string, unknown> {
  const { family, scope, resource } = decision;
  const access = server.tokens.issueAccess(family, scope, resource);
  const refresh = decision.refresh ? server.tokens.issueRefresh(family) : undefined;
  const idToken =
    scope.includes('openid') && family.subject !== family.client
      ? newIdToken(decision, server)
      : undefined;
  Object.assign(notes, { client: family.client, subject: family.subject, family: family.id });
  notes.issued = {
    ...notes.issued,
    accessToken: fingerprint(access.value),
    ...(refresh && { refreshToken: fingerprint(refresh.value) }),
    ...(idToken !== undefined && { idToken: fingerprint(idToken) }),
  };
  return {
    access_token: access.value,
    token_type: 'Bearer',
    expires_in: server.policy.accessTokenSeconds,
    ...(refresh && { refresh_token: refresh.value }),
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    ...(idToken !== undefined && { id_token: idToken }),
    ...decision.fields,
  };
}

function newIdToken({ family, nonce }: GrantDecision, server: FakeServerContext): string {
  const iat = Math.floor(server.clock.now());
  return server.signer.sign({
    iss: server.urls.issuer,
    sub: family.subject,
    aud: family.client,
    iat,
    exp: iat + 3600,
    auth_time: family.openedAt,
    ...(nonce !== undefined && { nonce }),
  });
}

function tokenParameters(request: FakeRequest, server: FakeServerContext): URLSearchParams {
  const { lenientTokenRequests } = server.policy;
  const hasForm = request.headers['content-type']?.includes('application/x-www-form-urlencoded');
  if (!hasForm && !lenientTokenRequests) {
    throw new FakeProtocolError('invalid_request', 'The body is not form-encoded');
  }
  const form = lenientTokenRequests
    ? new URLSearchParams([...request.query, ...request.form])
    : request.form;
  for (const name of form.keys()) {
    if (!REPEATABLE.has(name) && form.getAll(name).length > 1) {
      throw new FakeProtocolError('invalid_request', `The parameter ${name} is repeated`);
    }
  }
  return form;
}
