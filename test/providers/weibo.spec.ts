import { weibo } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { call, describeProvider, startStage } from './provider.journey.js';

describeProvider(weibo, { act: 'weibo', parameters: { scope: ['email'] } });

describe('Weibo', () => {
  it('56: a token without a type is a Bearer token', async () => {
    const { session, server } = await startStage(weibo, { act: 'weibo' });
    server.next('token').respondJson(200, { access_token: 'weibo' });
    const token = await authorize(session.for('alice'), server);
    expect(token.raw).toEqual({ access_token: 'weibo', token_type: 'Bearer' });
  });

  it('56: the token goes into the address, and there alone', async () => {
    const { session, server } = await startStage(weibo, { act: 'weibo' });
    const { accessToken } = await authorize(session.for('alice'), server);
    await call(session.for('alice'));
    const { query, headers } = server.journal.requests('api').at(-1)!;
    expect(query.get('access_token')).toBe(accessToken);
    expect(headers.authorization).toBeUndefined();
  });

  it('revokes a token by the name of access_token', async () => {
    const { session, server } = await startStage(weibo, { act: 'weibo' });
    const { accessToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const { form } = server.journal.requests('revocation').at(-1)!;
    expect(Object.fromEntries(form)).toEqual({ access_token: accessToken });
  });

  it('is called by its addresses, with the secret in the form', () => {
    expect(weibo({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://api.weibo.com/oauth2/authorize',
      tokenEndpoint: 'https://api.weibo.com/oauth2/access_token',
      clientAuthentication: { method: 'client_secret_post' },
    });
  });
});
