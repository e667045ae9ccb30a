import { keycloak } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = {
  url: 'https://sso.example',
  realm: 'staff',
  scope: ['openid', 'profile'],
  baseURL: 'https://api.example',
};
describeProvider(keycloak, { act: 'keycloak', parameters, revoke: {} });

describe('Keycloak', () => {
  it('is an issuer for each realm', () => {
    const options = keycloak({ clientId: 'c', url: 'https://sso.example/', realm: 'my staff' });
    expect(options.issuer).toBe('https://sso.example/realms/my%20staff');
    expect(options).not.toHaveProperty('url');
    expect(options).not.toHaveProperty('realm');
  });

  it('says who the user is, and how long the refresh token lasts', async () => {
    const { session, server } = await startStage(keycloak, { act: 'keycloak', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.claims?.sub).toBe('alice');
    expect(token.expiresAt).toBe(token.obtainedAt + 300);
    expect(token.raw['refresh_expires_in']).toBe(1800);
  });
});
