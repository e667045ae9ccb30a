import { TokenEndpointError } from 'nestjs-oauth-client';
import { linkedin } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { call, describeProvider, startStage } from './provider.journey.js';

const journey = {
  act: 'linkedin',
  parameters: { scope: ['openid', 'profile', 'w_member_social'] },
} as const;
describeProvider(linkedin, journey);

describe('LinkedIn', () => {
  it('is sent neither a proof key nor a nonce', async () => {
    const { session, server } = await startStage(linkedin, journey);
    const { url } = await session.for('alice').authorizationUrl();
    const params = new URL(url).searchParams;
    expect(params.has('code_challenge')).toBe(false);
    expect(params.has('nonce')).toBe(false);
    await authorize(session.for('alice'), server);
    expect(server.journal.requests('token').at(-1)?.form.has('code_verifier')).toBe(false);
  });

  it('takes a proof key for wrong credentials', async () => {
    const parameters = { pkce: 'S256' } as const;
    const { session, server } = await startStage(linkedin, { act: 'linkedin', parameters });
    const error = await failure(authorize(session.for('alice'), server), TokenEndpointError);
    expect(error).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it('separates the granted scope by commas', async () => {
    const { session, server } = await startStage(linkedin, journey);
    const token = await authorize(session.for('alice'), server);
    expect(token.raw['scope']).toBe('openid,profile,w_member_social');
    expect(token.scope).toEqual(journey.parameters.scope);
  });

  it('gives no refresh token to those who are no partners', async () => {
    const { session, server } = await startStage(linkedin, journey);
    server.next('token').respondJson(200, { access_token: 'at', expires_in: 5_184_000 });
    const token = await authorize(session.for('alice'), server);
    expect(token).toMatchObject({ accessToken: 'at', refreshToken: undefined });
  });

  it('is called with the version of its protocol', async () => {
    const { session, server } = await startStage(linkedin, journey);
    await authorize(session.for('alice'), server);
    await call(session.for('alice'));
    const { headers } = server.journal.requests('api').at(-1)!;
    expect(headers['x-restli-protocol-version']).toBe('2.0.0');
    expect(linkedin({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://www.linkedin.com/oauth/v2/authorization',
      tokenEndpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
      baseURL: 'https://api.linkedin.com',
    });
  });
});
