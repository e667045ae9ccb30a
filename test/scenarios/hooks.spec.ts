import { ConfigurationError, type ComplianceHookType } from 'nestjs-oauth-client';
import type { FakeApiAnswer, FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootExtended, connect } from '../compliance/bench.js';
import { startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { answerOf, carriedTokens, giveExpiredToken } from './fixtures-state.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const tokenHeaders = () =>
  server.journal.requests('token').map(({ headers, form }) => ({
    grant: form.get('grant_type'),
    mark: headers['x-mark'],
  }));

describe('acceptance: hooks', () => {
  it('51: an access_token_request hook can add a header', async () => {
    const { session, alice } = await bootExtended(server, []);
    session.registerComplianceHook('access_token_request', (request) => {
      request.headers.set('x-mark', 'first');
      return request;
    });
    await connect(alice, server);
    await alice.refreshToken();
    expect(tokenHeaders()).toEqual([
      { grant: 'authorization_code', mark: 'first' },
      { grant: 'refresh_token', mark: undefined },
    ]);
  });

  it('51: a refresh_token_request hook can add a header', async () => {
    const { session, alice } = await bootExtended(server, []);
    session.registerComplianceHook('refresh_token_request', (request) => {
      request.headers.set('x-mark', 'renewal');
      return request;
    });
    await connect(alice, server);
    await alice.refreshToken();
    expect(tokenHeaders()).toEqual([
      { grant: 'authorization_code', mark: undefined },
      { grant: 'refresh_token', mark: 'renewal' },
    ]);
  });

  it('52: port: a hook of an unknown type is refused with the list of types', async () => {
    const { session } = await bootExtended(server, []);
    const register = () =>
      session.registerComplianceHook('token_request' as ComplianceHookType, (value) => value);
    const error = await failure(register, ConfigurationError);
    expect(error.message).toContain('"token_request"');
    for (const type of [
      'access_token_request',
      'access_token_response',
      'refresh_token_request',
      'refresh_token_response',
      'protected_request',
      'revoke_token_request',
      'introspect_token_request',
    ]) {
      expect(error.message).toContain(type);
    }
  });

  it('52: port: a protected_request hook is given the token, which is attached after it', async () => {
    const { session, alice } = await bootExtended(server, []);
    await connect(alice, server);
    session.registerComplianceHook('protected_request', (request, { token }) => {
      expect(request.headers.has('authorization')).toBe(false);
      request.headers.set('x-seen', token.accessToken);
      return request;
    });
    const { headers } = await answerOf(alice);
    expect(carriedTokens(server)).toEqual([headers['x-seen']]);
  });

  it('90: a hook that copies the token sees the renewed one, in every place of it', async () => {
    const { session, alice } = await bootExtended(server, []);
    const before = await giveExpiredToken(alice, server);
    session.registerComplianceHook('protected_request', (request, { token }) => {
      request.headers.set('x-copy', token.accessToken);
      request.params = { copy: token.accessToken };
      return request;
    });
    const answer = await answerOf(alice);
    const { accessToken } = (await alice.token())!;
    expect(accessToken).not.toBe(before.accessToken);
    expect(answer.headers['x-copy']).toBe(accessToken);
    expect(answer.query).toEqual({ copy: accessToken });
    expect(carriedTokens(server)).toEqual([accessToken]);
  });

  it('90: a hook that copies the token sees the new one on the replay after a 401', async () => {
    const { session, alice } = await bootExtended(server, []);
    await connect(alice, server);
    const before = (await alice.token())!.accessToken;
    session.registerComplianceHook('protected_request', (request, { token }) => {
      request.headers.set('x-copy', token.accessToken);
      return request;
    });
    server.revokeAccessTokens();
    await answerOf(alice);
    const copies = server.journal.requests('api').map(({ headers }) => headers['x-copy']);
    expect(copies).toEqual([before, (await alice.token())!.accessToken]);
    expect(carriedTokens(server)).toEqual(copies);
  });

  it('91: port: a JSON body survives a protected_request hook that signs the call', async () => {
    const { session, alice } = await bootExtended(server, []);
    await connect(alice, server);
    const seen: unknown[] = [];
    session.registerComplianceHook('protected_request', (request, { token }) => {
      seen.push(request.data);
      request.params = { ...(request.params as object), token: token.accessToken };
      return request;
    });
    const body = { channel: 'c', blocks: [{ text: 'ü&=' }] };
    const { data } = await firstValueFrom(
      alice.post<FakeApiAnswer>('/chat', body, { params: { a: '1' } }),
    );
    expect(data.body).toEqual(body);
    expect(data.headers['content-type']).toBe('application/json');
    expect(data.query).toEqual({ a: '1', token: (await alice.token())!.accessToken });
    expect(seen).toEqual([JSON.stringify(body)]);
  });

  it('91: port: a token in the body never replaces JSON: nothing is sent', async () => {
    const { alice } = await bootExtended(server, [], { tokenPlacement: 'body' });
    await connect(alice, server);
    const refused = firstValueFrom(alice.post('/chat', { channel: 'c' }));
    expect((await failure(refused, ConfigurationError)).message).toContain('tokenPlacement');
    expect(server.journal.count('api')).toBe(0);
    const form = new URLSearchParams({ channel: 'c' });
    const { data } = await firstValueFrom(alice.post<FakeApiAnswer>('/chat', form));
    expect(data.body).toEqual({ channel: 'c' });
    expect(server.journal.requests('api')[0]!.form.get('access_token')).toBe(
      (await alice.token())!.accessToken,
    );
  });
});
