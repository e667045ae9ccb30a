import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Spotify: a refresh token that stays, and is not named again. */
export const spotify: ProviderAct = {
  documentation: [
    'https://developer.spotify.com/documentation/web-api/tutorials/code-flow',
    'https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens',
    'https://developer.spotify.com/documentation/web-api/concepts/api-calls',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 3600 },
  authentication: 'client_secret_basic',
  failure: ({ status, error, description }, { grantType }) => ({
    status,
    json: {
      error,
      error_description:
        error === 'invalid_grant' && grantType === 'refresh_token'
          ? 'Refresh token revoked'
          : description,
    },
  }),
  unauthorized: {
    status: 401,
    json: { error: { status: 401, message: 'The access token expired' } },
  },
};
