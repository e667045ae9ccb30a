import type { FakeServerContext } from './fake-authorization-server.context.js';
import { endpointUrl } from './fake-authorization-server.context.js';
import { grantTypes } from './fake-authorization-server.extension-grants.js';
import { jsonResponse } from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';

const AUTHENTICATION_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
];

/** OpenID Connect Discovery and RFC 8414: one document serves as both. */
export function discoveryEndpoint(
  _request: FakeRequest,
  _notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  return jsonResponse(200, {
    issuer: server.urls.issuer,
    authorization_endpoint: endpointUrl(server, '/authorize'),
    token_endpoint: endpointUrl(server, '/token'),
    revocation_endpoint: endpointUrl(server, '/revoke'),
    introspection_endpoint: endpointUrl(server, '/introspect'),
    userinfo_endpoint: endpointUrl(server, '/userinfo'),
    end_session_endpoint: endpointUrl(server, '/logout'),
    device_authorization_endpoint: endpointUrl(server, '/device_authorization'),
    jwks_uri: endpointUrl(server, '/jwks'),
    response_types_supported: ['code', 'token'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: [...grantTypes(server), 'implicit'],
    code_challenge_methods_supported: ['S256', 'plain'],
    token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    revocation_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    introspection_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [server.signer.alg],
    authorization_response_iss_parameter_supported: true,
    ...server.policy.metadata,
  });
}

/** The keys that ID tokens are signed with. */
export function jwksEndpoint(
  _request: FakeRequest,
  _notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  return jsonResponse(200, server.signer.jwks());
}
