import { AuthorizationRequiredError, TokenEndpointError } from 'nestjs-oauth-client';
import { atlassian } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['read:jira-work', 'offline_access'] };
describeProvider(atlassian, { act: 'atlassian', parameters });

describe('Atlassian', () => {
  it('is at auth.atlassian.com, its APIs at api.atlassian.com', () => {
    expect(atlassian({ clientId: 'c' })).toMatchObject({
      authorizationEndpoint: 'https://auth.atlassian.com/authorize',
      tokenEndpoint: 'https://auth.atlassian.com/oauth/token',
      baseURL: 'https://api.atlassian.com',
    });
  });

  it('is asked for its audience and for consent', async () => {
    const { session } = await startStage(atlassian, { act: 'atlassian', parameters });
    const { url } = await session.for('alice').authorizationUrl();
    const { searchParams } = new URL(url);
    expect(searchParams.get('audience')).toBe('api.atlassian.com');
    expect(searchParams.get('prompt')).toBe('consent');
    expect(searchParams.get('scope')).toBe('read:jira-work offline_access');
  });

  it('is sent token requests as JSON, the secret among them', async () => {
    const { session, server } = await startStage(atlassian, { act: 'atlassian', parameters });
    const alice = session.for('alice');
    const { refreshToken } = await authorize(alice, server);
    await alice.refreshToken();
    const [, renewal] = server.journal.requests('token');
    expect(renewal?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(renewal?.body ?? '')).toEqual({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'client',
      client_secret: 'secret',
    });
  });

  it.each([
    ['unauthorized_client', 'refresh_token is invalid'],
    ['invalid_grant', 'Unknown or invalid refresh token.'],
  ])('says %s of a dead grant', async (error, description) => {
    const { session, server } = await startStage(atlassian, { act: 'atlassian', parameters });
    const alice = session.for('alice');
    await authorize(alice, server);
    server.next('token').respondJson(403, { error, error_description: description });
    await failure(alice.refreshToken(), AuthorizationRequiredError);
    expect(await alice.token()).toBeUndefined();
  });

  it.each([
    [401, 'access_denied', 'Unauthorized'],
    [403, 'unauthorized_client', 'The client may not do this'],
  ])('keeps the grant when the client is refused: %s %s', async (status, error, description) => {
    const { session, server } = await startStage(atlassian, { act: 'atlassian', parameters });
    const alice = session.for('alice');
    await authorize(alice, server);
    server.next('token').respondJson(status, { error, error_description: description });
    expect((await failure(alice.refreshToken(), TokenEndpointError)).error).toBe(error);
    expect(await alice.token()).toBeDefined();
  });
});
