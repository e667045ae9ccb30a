import { AuthorizationResponseError } from 'nestjs-oauth-client';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { get, testClient } from './oauth-client-testing.support.js';

describe('the authorization server of a test client', () => {
  it('lets a user connect, with an ID token that is verified', async () => {
    const { session, client } = await testClient({
      grant: 'authorization_code',
      token: null,
      scope: ['openid'],
      reply: 'ok',
    });
    const alice = session.for('alice');
    const { url } = await alice.authorizationUrl({ binding: 'browser' });
    const done = await session.completeAuthorization({
      authorizationResponse: client.authorize(url, { user: 'octocat' }),
      binding: 'browser',
    });
    expect([done.subject, done.token.claims?.sub]).toEqual(['alice', 'octocat']);
    await get(alice, '/');
    expect(client.calls).toMatchObject([{ token: 'github-alice-1' }]);
    expect(client.tokenRequests).toMatchObject([
      { grantType: 'authorization_code', subject: 'alice' },
    ]);
    expect((await alice.userInfo()).sub).toBe('octocat');
  });

  it('tells of a user who refuses', async () => {
    const { session, client } = await testClient({ grant: 'authorization_code' });
    const { url } = await session.for('alice').authorizationUrl();
    const authorizationResponse = client.authorize(url, { consent: false });
    const call = session.for('alice').fetchToken({ authorizationResponse });
    expect((await failure(call, AuthorizationResponseError)).error).toBe('access_denied');
  });

  it('introspects and revokes', async () => {
    const { session } = await testClient({ scope: ['read'] });
    const alice = session.for('alice');
    const token = await alice.accessToken();
    expect(await alice.introspectToken()).toMatchObject({ active: true, sub: 'alice' });
    await alice.revokeToken();
    expect(await alice.introspectToken({ token })).toEqual({ active: false });
  });

  it('authorizes devices and takes passwords', async () => {
    const device = await testClient({ grant: 'device_code', token: null });
    const steps = await firstValueFrom(device.session.for('tv').authorizeDevice$().pipe(toArray()));
    expect(steps.map(({ status }) => status)).toEqual(['pending', 'authorized']);
    const password = await testClient({ grant: 'password', token: null });
    await password.session.for('alice').fetchToken({ username: 'a', password: 'b' });
    expect(password.client.tokenRequests).toMatchObject([
      { grantType: 'password', subject: 'alice' },
    ]);
  });
});
