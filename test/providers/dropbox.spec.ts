import { dropbox } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['account_info.read', 'files.content.read'] };
describeProvider(dropbox, { act: 'dropbox', parameters });

describe('Dropbox', () => {
  it('is at www.dropbox.com and api.dropboxapi.com, its files at content.dropboxapi.com', () => {
    expect(dropbox({ clientId: 'c' })).toMatchObject({
      authorizationEndpoint: 'https://www.dropbox.com/oauth2/authorize',
      tokenEndpoint: 'https://api.dropboxapi.com/oauth2/token',
      revocationEndpoint: 'https://api.dropboxapi.com/2/auth/token/revoke',
      baseURL: 'https://api.dropboxapi.com/2',
      allowedOrigins: ['https://api.dropboxapi.com', 'https://content.dropboxapi.com'],
    });
  });

  it('is asked for offline access', async () => {
    const { session, server } = await startStage(dropbox, { act: 'dropbox', parameters });
    const token = await authorize(session.for('alice'), server);
    const [asked] = server.journal.requests('authorize');
    expect(asked?.query.get('token_access_type')).toBe('offline');
    expect(token.refreshToken).toBeDefined();
    expect(token.raw['account_id']).toMatch(/^dbid:/);
  });

  it('revokes the token that the request carries, and the refresh token with it', async () => {
    const { session, server } = await startStage(dropbox, { act: 'dropbox', parameters });
    const alice = session.for('alice');
    const { accessToken, refreshToken } = await authorize(alice, server);
    await alice.revokeToken();
    const [request, ...others] = server.journal.requests('revocation');
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', body: 'null' });
    expect(request?.headers.authorization).toBe(`Bearer ${accessToken}`);
    expect(request?.headers['content-type']).toBe('application/json');
    expect(server.isLive(accessToken)).toBe(false);
    expect(server.isLive(refreshToken!)).toBe(false);
    expect(await alice.token()).toBeUndefined();
  });
});
