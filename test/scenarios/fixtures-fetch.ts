import { generateKeyPairSync } from 'node:crypto';
import type { FetchTokenOptions, OAuthClientOptions, OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer, FakeRequest } from 'nestjs-oauth-client/testing';
import { bootClient, userClient } from '../support/application.js';

/** The kinds of client that ask a token endpoint for their token, by their grant. */
export const TOKEN_REQUEST_KINDS = [
  'authorization_code',
  'password',
  'client_credentials',
  'jwt_bearer',
] as const;

/** Every kind of client: an implicit one gets its token from the authorization endpoint. */
export const KINDS = [...TOKEN_REQUEST_KINDS, 'implicit'] as const;

export type TokenRequestKind = (typeof TOKEN_REQUEST_KINDS)[number];
export type Kind = (typeof KINDS)[number];

/** What every kind that has one sends as its `grant_type`. */
export const GRANT_TYPES: Readonly<Record<TokenRequestKind, string>> = {
  authorization_code: 'authorization_code',
  password: 'password',
  client_credentials: 'client_credentials',
  jwt_bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
};

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Boots a client of a kind; the session of `alice` where the kind acts for users. */
export async function bootKind(kind: Kind, options: OAuthClientOptions): Promise<OAuthSession> {
  const grant: OAuthClientOptions['grant'] =
    kind === 'jwt_bearer' ? { type: kind, issuer: 'robot', subject: 'robot', key } : kind;
  const session = await bootClient({ ...options, grant });
  return kind === 'client_credentials' || kind === 'jwt_bearer' ? session : session.for('alice');
}

/** What `fetchToken()` is given for a kind whose code, if it needs one, came another way. */
export const AT_HAND: Readonly<Record<TokenRequestKind, FetchTokenOptions>> = {
  authorization_code: { code: 'the-code' },
  password: { username: 'alice', password: 'pass & word' },
  client_credentials: {},
  jwt_bearer: {},
};

/** What `fetchToken()` is given for a kind; a code is one that the server has issued. */
export async function argumentsFor(
  kind: TokenRequestKind,
  session: OAuthSession,
): Promise<FetchTokenOptions> {
  if (kind !== 'authorization_code') return AT_HAND[kind];
  const { url, state } = await session.authorizationUrl();
  const code = new URL(await visit(url)).searchParams.get('code')!;
  return { code, state };
}

/** Goes to an authorization URL as a browser does; where it is sent back to. */
export async function visit(url: string): Promise<string> {
  const { status, headers } = await fetch(url, { redirect: 'manual' });
  if (status !== 302) throw new Error(`The authorization endpoint answered ${status}`);
  return headers.get('location')!;
}

/** Options of a client at a fake server that has no secret. */
export function publicClient(
  server: FakeAuthorizationServer,
  more: Partial<OAuthClientOptions> = {},
): OAuthClientOptions {
  const { clientSecret: _none, ...options } = userClient(server);
  return { ...options, ...more };
}

/** The last request at the token endpoint, as it came. */
export function tokenRequest(server: FakeAuthorizationServer): FakeRequest {
  return server.journal.requests('token').at(-1)!;
}

/** The last request at the API, as it came. */
export function apiRequest(server: FakeAuthorizationServer): FakeRequest {
  return server.journal.requests('api').at(-1)!;
}

/** A `Basic` header of what is given, as it is. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
