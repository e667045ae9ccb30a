import { gitlab } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['openid', 'read_api'] };
describeProvider(gitlab, { act: 'gitlab', parameters, revoke: {} });

describe('GitLab', () => {
  it('judges the ID token', async () => {
    const { session, server } = await startStage(gitlab, { act: 'gitlab', parameters });
    const token = await authorize(session.for('alice'), server);
    expect(token.claims).toMatchObject({ iss: server.issuer, sub: 'alice' });
  });

  it('names no scope, and grants what was asked for', async () => {
    const { session, server } = await startStage(gitlab, { act: 'gitlab', parameters });
    const { scope, raw } = await authorize(session.for('alice'), server);
    expect(raw).not.toHaveProperty('scope');
    expect(scope).toEqual(['openid', 'read_api']);
  });

  it('is sent the redirect URI at a renewal, too', async () => {
    const { session, server } = await startStage(gitlab, { act: 'gitlab', parameters });
    await authorize(session.for('alice'), server);
    await session.for('alice').refreshToken();
    const { form } = server.journal.requests('token').at(-1)!;
    expect(form.get('grant_type')).toBe('refresh_token');
    expect(form.get('redirect_uri')).toBe('https://app.example/callback');
  });

  it('is gitlab.com, or a server of one’s own', () => {
    expect(gitlab({ clientId: '1' })).toMatchObject({
      issuer: 'https://gitlab.com',
      baseURL: 'https://gitlab.com/api/v4',
    });
    const options = gitlab({ clientId: '1', url: 'https://git.example/gitlab' });
    expect(options).toMatchObject({
      issuer: 'https://git.example/gitlab',
      deviceAuthorizationEndpoint: 'https://git.example/gitlab/oauth/authorize_device',
      baseURL: 'https://git.example/gitlab/api/v4',
    });
    expect(options).not.toHaveProperty('url');
  });
});
