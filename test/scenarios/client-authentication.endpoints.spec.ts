import { TokenEndpointError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient, connectUser, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

describe('acceptance: revocation and introspection', () => {
  async function connected(): Promise<{ server: FakeAuthorizationServer; alice: OAuthSession }> {
    const server = await startServer();
    const { revocationEndpoint, introspectionEndpoint } = server;
    const grant = 'authorization_code';
    const endpoints = { revocationEndpoint, introspectionEndpoint, grant } as const;
    const session = await bootClient(machineClient(server, endpoints));
    return { server, alice: await connectUser(session, server, 'alice', { scope: 'read' }) };
  }
  const revoked = (server: FakeAuthorizationServer) =>
    server.journal.requests('revocation').map(({ form }) => [...form]);

  it('64: a token is revoked without a hint', async () => {
    const { server, alice } = await connected();
    const { accessToken } = (await alice.token())!;
    await alice.revokeToken({ token: accessToken });
    expect(revoked(server)).toEqual([[['token', accessToken]]]);
    expect(server.isLive(accessToken)).toBe(false);
  });

  it('64: a token is revoked with a hint', async () => {
    const { server, alice } = await connected();
    const token = (await alice.token())!.refreshToken!;
    await alice.revokeToken({ token, hint: 'refresh_token' });
    expect(revoked(server)).toEqual([
      [
        ['token', token],
        ['token_type_hint', 'refresh_token'],
      ],
    ]);
    expect(server.isLive(token)).toBe(false);
  });

  it('64: port: without a token both stored ones are revoked, and forgotten here', async () => {
    const { server, alice } = await connected();
    const { accessToken, refreshToken } = (await alice.token())!;
    await alice.revokeToken();
    const forms = server.journal.requests('revocation').map(({ form }) => form);
    expect(new Map(forms.map((form) => [form.get('token_type_hint'), form.get('token')]))).toEqual(
      new Map([
        ['access_token', accessToken],
        ['refresh_token', refreshToken],
      ]),
    );
    expect(forms).toHaveLength(2);
    expect([accessToken, refreshToken!].map((one) => server.isLive(one))).toEqual([false, false]);
    expect(await alice.token()).toBeUndefined();
  });

  it('64: a revoke_token_request hook runs', async () => {
    const { server, alice } = await connected();
    alice.registerComplianceHook('revoke_token_request', (request) => {
      request.headers.set('x-mark', 'revoke');
      return request;
    });
    await alice.revokeToken({ token: 'any' });
    expect(server.journal.requests('revocation')[0]!.headers['x-mark']).toBe('revoke');
  });

  it('64: port: in place of the response a refusal is a typed error, with what the server said', async () => {
    const { server, alice } = await connected();
    server.next('revocation').respondJson(400, { error: 'unsupported_token_type' });
    const error = await failure(alice.revokeToken({ token: 'any' }), TokenEndpointError);
    expect(error).toMatchObject({
      endpoint: 'revocation',
      status: 400,
      error: 'unsupported_token_type',
    });
  });

  it('65: introspection returns the claims', async () => {
    const { server, alice } = await connected();
    expect(await alice.introspectToken()).toMatchObject({
      active: true,
      sub: 'alice',
      client_id: 'client',
      scope: 'read',
      iss: server.issuer,
    });
    const { form } = server.journal.requests('introspection')[0]!;
    expect(form.get('token')).toBe((await alice.token())!.accessToken);
  });
});

describe('acceptance: timeouts', () => {
  it('66: the default timeout is applied to every API call, and one of the call itself wins', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server, { http: { timeout: 100 } }));
    await session.accessToken();
    const held = server.always('api').hold();
    const patient = firstValueFrom(session.get('/things', { timeout: 20_000 }));
    await held.arrived;
    const error = await failure(firstValueFrom(session.get('/things')), Error);
    expect(error).toMatchObject({ code: 'ECONNABORTED' });
    expect(error.message).toContain('100');
    held.release();
    expect((await patient).status).toBe(200);
  });

  it('66: a shorter timeout of the call itself wins, too', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server, { http: { timeout: 20_000 } }));
    await session.accessToken();
    server.always('api').hold();
    const call = firstValueFrom(session.get('/things', { timeout: 50 }));
    expect((await failure(call, Error)).message).toContain('50');
  });

  it('66: the default timeout is applied to token requests, and a shorter one of the call wins', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server, { refresh: { timeoutMs: 100 } }));
    server.always('token').hold();
    const byDefault = await failure(session.fetchToken(), TokenEndpointError);
    expect(byDefault.message).toContain('100 ms');
    const transport = { timeout: 50 };
    const byCall = await failure(session.fetchToken({ transport }), TokenEndpointError);
    expect(byCall.message).toContain('50 ms');
  });
});
