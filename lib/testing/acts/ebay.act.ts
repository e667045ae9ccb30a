import type { ProviderAct } from '../fake-authorization-server.act.js';

/** eBay: token types of its own, refresh tokens that stay. */
export const ebay: ProviderAct = {
  documentation: [
    'https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html',
    'https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html',
    'https://developer.ebay.com/api-docs/static/oauth-client-credentials-grant.html',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 7200 },
  authentication: 'client_secret_basic',
  success: ({ access_token, refresh_token, expires_in }, { grantType }) => ({
    json: {
      access_token,
      expires_in,
      ...(grantType === 'authorization_code' && {
        refresh_token,
        refresh_token_expires_in: 47_304_000,
      }),
      token_type:
        grantType === 'client_credentials' ? 'Application Access Token' : 'User Access Token',
    },
  }),
  failure: ({ status, error, description }, { grantType }) => ({
    status,
    json: {
      error,
      error_description:
        error === 'invalid_grant'
          ? `the provided authorization ${grantType === 'refresh_token' ? 'refresh token' : 'grant code'} is invalid or was issued to another client`
          : description,
    },
  }),
  unauthorized: {
    status: 401,
    json: {
      errors: [
        {
          errorId: 1001,
          domain: 'OAuth',
          category: 'REQUEST',
          message: 'Invalid access token',
          longMessage:
            'Invalid access token. Check the value of the Authorization HTTP request header.',
        },
      ],
    },
  },
};
