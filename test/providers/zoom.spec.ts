import { AuthorizationRequiredError, TokenEndpointError, type TokenSet } from 'nestjs-oauth-client';
import { zoom } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { call, describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['meeting:read', 'user:read'] };
describeProvider(zoom, { act: 'zoom', parameters });

describe('Zoom', () => {
  it('is called at the host that came with the token', async () => {
    const { session, server } = await startStage(zoom, { act: 'zoom', parameters });
    const { raw } = await authorize(session.for('alice'), server);
    expect(raw['api_url']).toBe(server.apiUrl);
    await call(session.for('alice'));
    expect(server.journal.requests('api').at(-1)?.path).toBe('/api/v2/things');
  });

  it('is called at the host of all where none came', () => {
    const { baseURL, allowedOrigins } = zoom({ clientId: '1' });
    const base = baseURL as (token: Pick<TokenSet, 'raw'>) => string;
    expect(base({ raw: {} })).toBe('https://api.zoom.us/v2');
    expect(allowedOrigins).toEqual(['https://*.zoom.us']);
  });

  it.each(['invalid_request', 'invalid_grant'])(
    'calls a dead refresh token an invalid one, as %s',
    async (error) => {
      const { session, server } = await startStage(zoom, { act: 'zoom', parameters });
      await authorize(session.for('alice'), server);
      server.next('token').respondJson(400, { reason: 'Invalid Token!', error });
      const failed = await failure(session.for('alice').refreshToken(), AuthorizationRequiredError);
      expect(failed.reason).toBe('grant_revoked');
    },
  );

  it('has other reasons that leave the grant alone', async () => {
    const { session, server } = await startStage(zoom, { act: 'zoom', parameters });
    await authorize(session.for('alice'), server);
    const answer = { reason: 'Missing grant type.', error: 'invalid_request' };
    server.next('token').respondJson(400, answer);
    const error = await failure(session.for('alice').refreshToken(), TokenEndpointError);
    expect(error).toMatchObject({
      error: 'invalid_request',
      errorDescription: 'Missing grant type.',
    });
    expect(await session.for('alice').token()).toBeDefined();
  });

  it('is called by its addresses', () => {
    expect(zoom({ clientId: '1' })).toMatchObject({
      authorizationEndpoint: 'https://zoom.us/oauth/authorize',
      tokenEndpoint: 'https://zoom.us/oauth/token',
      revocationEndpoint: 'https://zoom.us/oauth/revoke',
    });
  });
});
