import { createHash } from 'node:crypto';
import type { FakeServerContext } from './fake-authorization-server.context.js';
import { endpointUrl } from './fake-authorization-server.context.js';
import { pollDevice } from './fake-authorization-server.device.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';
import {
  FakeProtocolError,
  fingerprint,
  parameter,
  requiredParameter,
  scopeList,
} from './fake-authorization-server.http.js';
import { decodeJwt, isSignedBy, judgeAssertion } from './fake-authorization-server.jwt.js';
import type { FakeClient } from './fake-authorization-server.options.js';
import type { Family } from './fake-authorization-server.tokens.js';

/** A token request whose client is known. */
export interface GrantRequest {
  readonly form: URLSearchParams;
  /** Undefined only where the grant's `client` is `'optional'`. */
  readonly client: FakeClient | undefined;
  readonly notes: FakeJournalNotes;
}

/** What a grant comes to, before any token is made. */
export interface GrantDecision {
  readonly family: Family;
  readonly scope: readonly string[];
  readonly resource?: readonly string[];
  /** A refresh token belongs to the answer. */
  readonly refresh: boolean;
  readonly nonce?: string;
  /** Further fields of the answer. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One row of the table of grants. */
export interface Grant {
  readonly client: 'required' | 'optional';
  decide(request: GrantRequest, server: FakeServerContext): GrantDecision;
}

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The grants by `grant_type`. */
export const GRANTS: Readonly<Record<string, Grant>> = {
  authorization_code: { client: 'required', decide: authorizationCode },
  client_credentials: { client: 'required', decide: clientCredentials },
  refresh_token: { client: 'required', decide: refreshToken },
  password: { client: 'required', decide: password },
  [DEVICE_CODE]: { client: 'required', decide: deviceCode },
  [JWT_BEARER]: { client: 'optional', decide: jwtBearer },
};

/** The scopes a client gets when it asks for these; `invalid_scope` beyond what it may have. */
export function grantedScope(client: FakeClient | undefined, requested: string[]): string[] {
  if (client?.scope === undefined) return requested;
  const allowed = scopeList(client.scope);
  if (requested.length === 0) return allowed;
  return within(requested, allowed);
}

/** Whether the client is registered for this grant. */
export function mayUse(client: FakeClient | undefined, grant: string): boolean {
  return client?.grants === undefined || client.grants.includes(grant);
}

function authorizationCode(
  { form, client, notes }: GrantRequest,
  server: FakeServerContext,
): GrantDecision {
  const value = requiredParameter(form, 'code');
  notes.spent = fingerprint(value);
  const code = server.codes.get(value);
  if (!code || code.client !== client?.clientId) throw invalidGrant('The code is not known');
  Object.assign(notes, { subject: code.subject, family: code.family });
  if (code.family !== undefined) {
    // RFC 6749 section 4.1.2: what was issued for a code that comes twice is revoked.
    notes.replay = true;
    server.tokens.revokeFamily(code.family);
    throw invalidGrant('The code was used before');
  }
  if (server.clock.now() >= code.expiresAt) throw invalidGrant('The code has expired');
  if (parameter(form, 'redirect_uri') !== code.redirectUri) {
    throw invalidGrant('The redirect_uri is not that of the authorization request');
  }
  verifyPkce(parameter(form, 'code_verifier'), code.challenge);
  const resource = form.getAll('resource');
  const family = server.tokens.openFamily(code);
  code.family = family.id;
  return {
    family,
    scope: code.scope,
    resource: resource.length > 0 ? resource : code.resource,
    refresh: true,
    nonce: code.nonce,
  };
}

function verifyPkce(
  verifier: string | undefined,
  challenge: { value: string; method: 'S256' | 'plain' } | undefined,
): void {
  if (!challenge) {
    // RFC 9700 section 2.1.1: a verifier without a challenge is a downgrade.
    if (verifier !== undefined) throw invalidGrant('No code_challenge was sent, but a verifier');
    return;
  }
  if (verifier === undefined) throw invalidGrant('The code_verifier is missing');
  if (!/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) {
    throw invalidGrant('The code_verifier is not 43 to 128 unreserved characters');
  }
  const hashed = createHash('sha256').update(verifier).digest('base64url');
  if (challenge.value !== (challenge.method === 'S256' ? hashed : verifier)) {
    throw invalidGrant('The code_verifier does not match the code_challenge');
  }
}

function clientCredentials(
  { form, client }: GrantRequest,
  server: FakeServerContext,
): GrantDecision {
  const { clientId, clientSecret, key } = client as FakeClient;
  if (clientSecret === undefined && key === undefined) {
    throw new FakeProtocolError('unauthorized_client', 'A public client has no such grant');
  }
  return { ...newFamily(form, client, clientId, clientId, server), refresh: false };
}

function refreshToken(
  { form, client, notes }: GrantRequest,
  server: FakeServerContext,
): GrantDecision {
  const value = requiredParameter(form, 'refresh_token');
  notes.spent = fingerprint(value);
  const token = server.tokens.refresh(value);
  if (!token || token.family.client !== client?.clientId) {
    throw invalidGrant('The refresh token is not known');
  }
  const { family } = token;
  Object.assign(notes, { subject: family.subject, family: family.id });
  notes.replay = token.spentAt !== undefined;
  if (!server.tokens.isLiveRefresh(token)) {
    const isReuse = notes.replay && !family.revoked;
    if (isReuse) server.tokens.revokeFamily(family.id);
    throw invalidGrant(isReuse ? 'The refresh token was used before' : 'The refresh token is dead');
  }
  const requested = scopeList(form.get('scope'));
  const scope = requested.length > 0 ? within(requested, family.scope) : family.scope;
  const rotates = server.policy.rotation !== 'none';
  if (rotates) server.tokens.spend(token);
  notes.rotated = rotates;
  const resource = form.getAll('resource');
  return { family, scope, resource: resource.length > 0 ? resource : undefined, refresh: rotates };
}

function password({ form, client }: GrantRequest, server: FakeServerContext): GrantDecision {
  const name = requiredParameter(form, 'username');
  const given = requiredParameter(form, 'password');
  const { passwords } = server.options;
  if (passwords && (!Object.hasOwn(passwords, name) || passwords[name] !== given)) {
    throw invalidGrant('The user name or the password is wrong');
  }
  return newFamily(form, client, (client as FakeClient).clientId, name, server);
}

function deviceCode({ form, client }: GrantRequest, server: FakeServerContext): GrantDecision {
  const value = requiredParameter(form, 'device_code');
  const { subject, scope, resource } = pollDevice(value, (client as FakeClient).clientId, server);
  const family = server.tokens.openFamily({
    client: (client as FakeClient).clientId,
    subject,
    scope,
    resource,
  });
  return { family, scope, refresh: true };
}

function jwtBearer({ form, client }: GrantRequest, server: FakeServerContext): GrantDecision {
  const jwt = decodeJwt(requiredParameter(form, 'assertion'));
  const audiences = [server.urls.issuer, endpointUrl(server, '/token')];
  judgeAssertion(jwt.claims, audiences, server.clock.now());
  const issuer = String(jwt.claims.iss);
  const publicKey = server.options.assertionKeys?.[issuer];
  if (publicKey !== undefined && !isSignedBy(jwt, { publicKey })) {
    throw invalidGrant("The assertion's signature is wrong");
  }
  const subject = String(jwt.claims.sub);
  const decision = newFamily(form, client, client?.clientId ?? issuer, subject, server);
  return { ...decision, refresh: false };
}

function newFamily(
  form: URLSearchParams,
  client: FakeClient | undefined,
  clientId: string,
  subject: string,
  server: FakeServerContext,
): GrantDecision {
  const scope = grantedScope(client, scopeList(form.get('scope')));
  const resource = form.getAll('resource');
  const family = server.tokens.openFamily({ client: clientId, subject, scope, resource });
  return { family, scope, refresh: true };
}

function within(requested: readonly string[], allowed: readonly string[]): string[] {
  const beyond = requested.filter((name) => !allowed.includes(name));
  if (beyond.length === 0) return [...requested];
  throw new FakeProtocolError('invalid_scope', `Not to be had: ${beyond.join(' ')}`);
}

function invalidGrant(description: string): FakeProtocolError {
  return new FakeProtocolError('invalid_grant', description);
}
