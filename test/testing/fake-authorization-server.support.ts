import { createHash } from 'node:crypto';
import type { FakeAuthorizationServer } from '../../lib/testing/fake-authorization-server.js';

export const REDIRECT_URI = 'https://app.example/callback';
export const VERIFIER = 'v'.repeat(43);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const BASIC = { Authorization: `Basic ${btoa('client:secret')}` };

export type Json = Record<string, unknown>;

/** A form-encoded POST; with the default client's Basic header unless other headers are given. */
export function post(
  url: string,
  form: Record<string, string> | [string, string][],
  headers: Record<string, string> = BASIC,
): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
}

/** The status and JSON of a token request. */
export async function token(
  server: FakeAuthorizationServer,
  form: Record<string, string>,
  headers?: Record<string, string>,
): Promise<Json & { status: number }> {
  const response = await post(server.tokenEndpoint, form, headers);
  return { ...((await response.json()) as Json), status: response.status };
}

export function refresh(
  server: FakeAuthorizationServer,
  refreshToken: unknown,
  more: Record<string, string> = {},
): Promise<Json & { status: number }> {
  const form = { grant_type: 'refresh_token', refresh_token: String(refreshToken), ...more };
  return token(server, form);
}

/** An authorization URL of the default client; empty parameters are left out. */
export function authorizationUrl(
  server: FakeAuthorizationServer,
  params: Record<string, string> = {},
): string {
  const all = {
    response_type: 'code',
    client_id: 'client',
    redirect_uri: REDIRECT_URI,
    scope: 'read write',
    state: 'the-state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...params,
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return `${server.authorizationEndpoint}?${new URLSearchParams(given)}`;
}

export function codeOf(callback: string): string {
  return new URL(callback).searchParams.get('code') ?? '';
}

export function exchange(
  server: FakeAuthorizationServer,
  code: string,
  more: Record<string, string> = {},
): Promise<Json & { status: number }> {
  const all = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...more,
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return token(server, Object.fromEntries(given));
}

/** A call to the protected API with a bearer token. */
export function call(
  server: FakeAuthorizationServer,
  accessToken: unknown,
  path = '/things',
): Promise<Response> {
  const headers = { Authorization: `Bearer ${String(accessToken)}` };
  return fetch(`${server.apiUrl}${path}`, { headers });
}
