import { okta } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const domain = 'example.okta.com';
const parameters = { domain, scope: ['openid', 'offline_access', 'okta.users.read'] };
describeProvider(okta, { act: 'okta', parameters, revoke: {} });

describe('Okta', () => {
  it('is the organization’s own server, for Okta’s API', () => {
    const options = okta({ clientId: 'c', domain });
    expect(options).toMatchObject({
      issuer: 'https://example.okta.com',
      baseURL: 'https://example.okta.com/api/v1',
    });
    expect(options).not.toHaveProperty('domain');
  });

  it('is a custom server, for an API of one’s own', () => {
    const baseURL = 'https://api.example';
    const options = okta({ clientId: 'c', domain, authorizationServerId: 'default', baseURL });
    expect(options).toMatchObject({ issuer: 'https://example.okta.com/oauth2/default', baseURL });
    expect(options).not.toHaveProperty('authorizationServerId');
  });

  it('says who the user is', async () => {
    const { session, server } = await startStage(okta, { act: 'okta', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.claims?.sub).toBe('alice');
  });
});
