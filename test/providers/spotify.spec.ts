import { spotify } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../support/authorization.js';
import { describeProvider, startStage } from './provider.journey.js';

const parameters = { scope: ['user-read-private', 'user-read-email'] };
describeProvider(spotify, { act: 'spotify', parameters });

describe('Spotify', () => {
  it('is at accounts.spotify.com, its API at api.spotify.com', () => {
    expect(spotify({ clientId: 'c' })).toMatchObject({
      authorizationEndpoint: 'https://accounts.spotify.com/authorize',
      tokenEndpoint: 'https://accounts.spotify.com/api/token',
      baseURL: 'https://api.spotify.com/v1',
    });
  });

  it('takes a refresh token that a renewal brings', async () => {
    const { session, server } = await startStage(spotify, { act: 'spotify', parameters });
    const alice = session.for('alice');
    await authorize(alice, server);
    server.configure({ rotation: 'strict' });
    const renewed = await alice.refreshToken();
    expect(renewed.refreshToken).toBe(renewed.raw['refresh_token']);
  });
});
