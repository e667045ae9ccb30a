import type { ProviderAct } from '../fake-authorization-server.act.js';

/** GitHub's OAuth apps: tokens without end, errors with status 200. */
export const github: ProviderAct = {
  documentation: [
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
    'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors',
  ],
  success: ({ access_token, scope = '' }) => ({
    json: { access_token, scope: scope.replaceAll(' ', ','), token_type: 'bearer' },
  }),
  failure: ({ error }) => ({
    json: {
      error: error === 'invalid_client' ? 'incorrect_client_credentials' : 'bad_verification_code',
      error_description: 'The code passed is incorrect or expired.',
      error_uri: 'https://docs.github.com/apps/oauth-apps/troubleshooting',
    },
  }),
  revokedToken: ({ method, body }) =>
    method === 'DELETE' ? (JSON.parse(body) as { access_token: string }).access_token : undefined,
  revoked: { status: 204 },
  unauthorized: { status: 401, json: { message: 'Bad credentials', status: '401' } },
};

/** As {@link github}, as a GitHub App: tokens end, refresh tokens rotate, and are not revoked. */
export const githubApp: ProviderAct = {
  ...github,
  documentation: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
    'https://docs.github.com/en/rest/apps/oauth-applications',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 28_800 },
  success: ({ access_token, refresh_token, expires_in }) => ({
    json: {
      access_token,
      expires_in,
      refresh_token,
      refresh_token_expires_in: 15_897_600,
      scope: '',
      token_type: 'bearer',
    },
  }),
  failure: (error, scene) =>
    scene.grantType === 'refresh_token' && error.error === 'invalid_grant'
      ? {
          json: {
            error: 'bad_refresh_token',
            error_description: 'The refresh token passed is incorrect or expired.',
            error_uri: 'https://docs.github.com',
          },
        }
      : github.failure!(error, scene),
  revocable: {
    only: 'access_token',
    otherwise: { status: 404, json: { message: 'Not Found', status: '404' } },
  },
};
