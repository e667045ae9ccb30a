import { TokenEndpointError } from 'nestjs-oauth-client';
import { instagram } from 'nestjs-oauth-client/providers';
import type { FakeRequest } from 'nestjs-oauth-client/testing';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['instagram_business_basic', 'instagram_business_manage_messages'] };
describeProvider(instagram, { act: 'instagram', parameters });

/** What arrives at the API of a call of alice, and her token. */
async function sent(config: AxiosRequestConfig): Promise<[FakeRequest, string]> {
  const { session, server } = await startStage(instagram, { act: 'instagram' });
  const { accessToken } = await authorize(session.for('alice'), server);
  const call = session.for('alice').request({ url: '/me', validateStatus: null, ...config });
  await firstValueFrom(call);
  return [server.journal.requests('api').at(-1)!, accessToken];
}

describe('Instagram', () => {
  it.each([undefined, { fields: 'id' }, new URLSearchParams({ fields: 'id' })])(
    '58: the token is in the address, beside %o',
    async (params) => {
      const [request, token] = await sent({ params });
      expect(request.query.getAll('access_token')).toEqual([token]);
      expect(request.query.get('fields')).toBe(params ? 'id' : null);
    },
  );

  it.each([{ url: '/me?access_token=own' }, { params: { access_token: 'own' } }])(
    '58: the caller’s own token in the address stays: %o',
    async (config) => {
      const [request] = await sent(config);
      expect(request.query.getAll('access_token')).toEqual(['own']);
    },
  );

  it('gives the token in a list, its permissions as the scope, for an hour', async () => {
    const { session, server } = await startStage(instagram, { act: 'instagram', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.scope).toEqual(parameters.scope);
    expect(token.raw['user_id']).toBe('1020');
    expect(token.expiresIn()).toBeGreaterThan(3590);
  });

  it('gives the token without a list, too', async () => {
    const { session, server } = await startStage(instagram, { act: 'instagram' });
    server
      .next('token')
      .respondJson(200, { access_token: 'plain', user_id: 1, permissions: ['a', 'b'] });
    const token = await authorize(session.for('alice'), server);
    expect(token).toMatchObject({ accessToken: 'plain', scope: ['a', 'b'] });
  });

  it('says what is wrong in words of its own', async () => {
    const parameters = { clientSecret: 'wrong' };
    const { session, server } = await startStage(instagram, { act: 'instagram', parameters });
    const error = await failure(authorize(session.for('alice'), server), TokenEndpointError);
    expect(error).toMatchObject({
      error: 'OAuthException',
      errorDescription: 'Matching code was not found or was already used',
    });
  });

  it('is called by its addresses', () => {
    expect(instagram({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://www.instagram.com/oauth/authorize',
      tokenEndpoint: 'https://api.instagram.com/oauth/access_token',
      baseURL: 'https://graph.instagram.com',
    });
  });
});
