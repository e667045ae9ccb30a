import { google } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['openid', 'email', 'https://www.googleapis.com/auth/calendar'] };
const journey = { act: 'google', parameters } as const;
describeProvider(google, journey);

describe('Google', () => {
  it('is asked for a refresh token, each time', async () => {
    const { session } = await startStage(google, journey);
    const { url } = await session.for('alice').authorizationUrl();
    const { searchParams } = new URL(url);
    expect(searchParams.get('access_type')).toBe('offline');
    expect(searchParams.get('prompt')).toBe('consent');
  });

  it('may be asked without a prompt', async () => {
    const { session } = await startStage(google, {
      ...journey,
      parameters: { authorizationParams: { prompt: undefined } },
    });
    const { url } = await session.for('alice').authorizationUrl();
    expect(new URL(url).searchParams.has('prompt')).toBe(false);
    expect(new URL(url).searchParams.get('access_type')).toBe('offline');
  });

  // scopeAliases is an option that nothing reads.
  it('grants a scope by its long name, and the token set has the one asked for', async () => {
    const { session, server } = await startStage(google, journey);
    const token = await authorize(session.for('alice'), server);
    expect(token.raw['scope']).toContain('https://www.googleapis.com/auth/userinfo.email');
    expect(token.scope).toEqual(parameters.scope);
    expect(token.missing).toEqual([]);
    expect(token.additional).toEqual([]);
  });

  it('judges the ID token', async () => {
    const { session, server } = await startStage(google, journey);
    const { claims } = await authorize(session.for('alice'), server);
    expect(claims).toMatchObject({ iss: server.issuer, sub: 'alice' });
  });

  it('revokes by a POST without the secret, and with the token goes the grant', async () => {
    const { session, server } = await startStage(google, journey);
    const { accessToken, refreshToken } = await authorize(session.for('alice'), server);
    await session.for('alice').revokeToken();
    const [request] = server.journal.requests('revocation');
    expect(request?.method).toBe('POST');
    expect(request?.form.get('token')).toBe(refreshToken);
    expect(request?.form.has('client_secret')).toBe(false);
    expect(request?.headers.authorization).toBeUndefined();
    expect(server.isLive(accessToken)).toBe(false);
  });

  it('is called by its issuer, at any host of its API', () => {
    expect(google({ clientId: '1' })).toMatchObject({
      issuer: 'https://accounts.google.com',
      baseURL: 'https://www.googleapis.com',
      allowedOrigins: ['https://*.googleapis.com'],
    });
  });
});
