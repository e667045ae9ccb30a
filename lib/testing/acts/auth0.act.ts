import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Auth0, an application with rotation: status 403 for a refresh token that has ended. */
export const auth0: ProviderAct = {
  documentation: [
    'https://auth0.com/docs/secure/tokens/refresh-tokens/refresh-token-rotation',
    'https://support.auth0.com/center/s/article/troubleshoot-refresh-token-unknown-or-invalid-before-expiry-403-unknown-or-invalid-refresh-token',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 86_400 },
  authentication: 'client_secret_post',
  authorizationParams: { audience: 'https://api.example' },
  failure: ({ status, error, description }, { grantType }) =>
    error === 'invalid_grant' && grantType === 'refresh_token'
      ? {
          status: 403,
          json: { error, error_description: 'Unknown or invalid refresh token.' },
        }
      : { status, json: { error, error_description: description } },
};
