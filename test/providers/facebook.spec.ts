import { TokenEndpointError } from 'nestjs-oauth-client';
import { facebook } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['public_profile', 'email'] };
describeProvider(facebook, { act: 'facebook', parameters });

describe('Facebook', () => {
  it('53: a form in a plain text becomes a Bearer token', async () => {
    const { session, server } = await startStage(facebook, { act: 'facebook' });
    server
      .next('token')
      .respond(200, { 'Content-Type': 'text/plain' }, 'access_token=urlencoded&expires=5184000');
    const token = await authorize(session.for('alice'), server);
    expect(token).toMatchObject({ accessToken: 'urlencoded', tokenType: 'Bearer' });
    expect(token.expiresIn()).toBeGreaterThan(5_183_900);
  });

  it('53: a form without a lifetime is a token without end', async () => {
    const { session, server } = await startStage(facebook, { act: 'facebook' });
    server.next('token').respond(200, { 'Content-Type': 'text/plain' }, 'access_token=urlencoded');
    const token = await authorize(session.for('alice'), server);
    expect(token.raw).toEqual({ access_token: 'urlencoded', token_type: 'Bearer' });
    expect(token.expiresAt).toBeUndefined();
  });

  it('says what is wrong in the words of its error object', async () => {
    const parameters = { clientSecret: 'wrong' };
    const { session, server } = await startStage(facebook, { act: 'facebook', parameters });
    const error = await failure(authorize(session.for('alice'), server), TokenEndpointError);
    expect(error).toMatchObject({
      error: 'OAuthException',
      errorDescription: 'Error validating client secret.',
    });
  });

  it('ends a connection by a DELETE with the token itself', async () => {
    const { session, server } = await startStage(facebook, { act: 'facebook', parameters });
    const { accessToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const [request] = server.journal.requests('revocation');
    expect(request).toMatchObject({ method: 'DELETE', body: '' });
    expect(request?.headers.authorization).toBe(`Bearer ${accessToken}`);
  });

  it('is asked for a scope with commas, in the version that is named', () => {
    expect(facebook({ clientId: '1' })).toMatchObject({
      tokenEndpoint: 'https://graph.facebook.com/oauth/access_token',
      scopeSeparator: ',',
    });
    expect(facebook({ clientId: '1', version: 'v25.0' })).toMatchObject({
      authorizationEndpoint: 'https://www.facebook.com/v25.0/dialog/oauth',
      tokenEndpoint: 'https://graph.facebook.com/v25.0/oauth/access_token',
      revocationEndpoint: 'https://graph.facebook.com/v25.0/me/permissions',
      baseURL: 'https://graph.facebook.com/v25.0',
    });
  });
});
