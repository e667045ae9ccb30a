import {
  AuthorizationRequiredError,
  ConfigurationError,
  TokenEndpointError,
  type FetchTokenOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let alice: OAuthSession;
beforeEach(async () => {
  server = await startServer({ passwords: { alice: 'pass & word' } });
  const options = userClient(server, { grant: 'password', scope: ['read'] });
  alice = (await bootClient(options)).for('alice');
});

const credentials = { username: 'alice', password: 'pass & word' };

describe('the password grant', () => {
  it('sends name, password and the configured scope, and calls the API with the token', async () => {
    const token = await alice.fetchToken(credentials);
    const { form } = server.journal.requests('token')[0]!;
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'password',
      scope: 'read',
      ...credentials,
    });
    expect(token.scope).toEqual(['read']);
    const { data } = await firstValueFrom(alice.get('/things'));
    expect(data).toMatchObject({ subject: 'alice', scope: ['read'] });
  });

  it('is renewed by its refresh token, and never asks for the password again', async () => {
    await alice.fetchToken(credentials);
    server.revokeAccessTokens();
    await firstValueFrom(alice.get('/things'));
    expect(server.journal.tokenRequests().map(({ grantType }) => grantType)).toEqual([
      'password',
      'refresh_token',
    ]);
  });

  it('takes further parameters with repeats, headers, and a secret of this request', async () => {
    server.register({ clientId: 'client', clientSecret: 'other' });
    await alice.fetchToken({
      ...credentials,
      clientSecret: 'other',
      includeClientId: true,
      headers: { 'x-tenant': 'acme' },
      params: { resource: ['https://one', 'https://two'] },
    });
    const { form, headers } = server.journal.requests('token')[0]!;
    expect(form.getAll('resource')).toEqual(['https://one', 'https://two']);
    expect(form.get('client_secret')).toBe('other');
    expect(headers['x-tenant']).toBe('acme');
    expect(headers.authorization).toBeUndefined();
    expect(form.has('headers')).toBe(false);
  });

  it.each([{ method: 'GET' }, { forceQuerystring: true }] as FetchTokenOptions[])(
    'puts everything into the query with %o',
    async (options) => {
      server.configure({ lenientTokenRequests: true });
      await alice.fetchToken({ ...credentials, ...options });
      const request = server.journal.requests('token')[0]!;
      expect(request.method).toBe(options.method ?? 'POST');
      expect(request.query.get('password')).toBe('pass & word');
      expect(request.body).toBe('');
    },
  );

  it('needs both halves, and nothing that belongs to another grant', async () => {
    await failure(alice.fetchToken({ username: 'alice' }), ConfigurationError);
    const error = await failure(
      alice.fetchToken({ ...credentials, code: 'x' }),
      ConfigurationError,
    );
    expect(error.message).toContain('"code"');
    await failure(alice.authorizationUrl(), ConfigurationError);
    expect(server.journal.requests('token')).toHaveLength(0);
  });

  it('shows a wrong password nowhere, and leaves the subject without a token', async () => {
    const wrong = { ...credentials, password: 'wrong-secret' };
    const error = await failure(alice.fetchToken(wrong), TokenEndpointError);
    expect(error.error).toBe('invalid_grant');
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('wrong-secret');
    await failure(firstValueFrom(alice.get('/things')), AuthorizationRequiredError);
  });
});
