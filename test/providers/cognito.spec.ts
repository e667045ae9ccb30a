import { cognito } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const userPoolId = 'eu-west-1_AbCdEfGhI';
const parameters = { userPoolId, scope: ['openid', 'email'], baseURL: 'https://api.example' };
describeProvider(cognito, { act: 'cognito', parameters, revoke: {} });

describe('Amazon Cognito', () => {
  it('is an issuer for each user pool', () => {
    const options = cognito({ clientId: 'c', userPoolId });
    expect(options.issuer).toBe('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI');
    expect(options.tokenEndpoint).toBeUndefined();
    expect(options).not.toHaveProperty('userPoolId');
  });

  it('is logged in to at a domain of its own', () => {
    const domain = 'login.example';
    expect(cognito({ clientId: 'c', userPoolId, region: 'eu-west-1', domain })).toMatchObject({
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      authorizationEndpoint: 'https://login.example/oauth2/authorize',
      tokenEndpoint: 'https://login.example/oauth2/token',
      revocationEndpoint: 'https://login.example/oauth2/revoke',
      userinfoEndpoint: 'https://login.example/oauth2/userInfo',
    });
  });

  it('grants what was asked for, and says who the user is', async () => {
    const { session, server } = await startStage(cognito, { act: 'cognito', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.scope).toEqual(['openid', 'email']);
    expect(token.claims?.sub).toBe('alice');
  });

  it('revokes refresh tokens alone, and the access tokens end with them', async () => {
    const { session, server } = await startStage(cognito, { act: 'cognito', parameters });
    const alice = session.for('alice');
    const { accessToken } = await authorize(alice, server);
    await alice.revokeToken();
    expect(
      server.journal.requests('revocation').map(({ form }) => form.get('token_type_hint')),
    ).toEqual(['refresh_token', 'access_token']);
    expect(server.journal.entries('revocation').map(({ status }) => status)).toEqual([200, 400]);
    expect(server.isLive(accessToken)).toBe(false);
  });
});
