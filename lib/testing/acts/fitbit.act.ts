import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Fitbit: errors as a list, with the dead refresh token in the message; rotation. */
export const fitbit: ProviderAct = {
  documentation: [
    'https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token/',
    'https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-messages/',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 28_800 },
  authentication: 'client_secret_basic',
  success: ({ access_token, refresh_token, expires_in, scope }) => ({
    json: {
      access_token,
      expires_in,
      refresh_token,
      scope,
      token_type: 'Bearer',
      user_id: 'GGNJL9',
    },
  }),
  failure: ({ status, error, description }, { request }) => ({
    status,
    json: {
      errors: [
        {
          errorType: error,
          message:
            error === 'invalid_grant'
              ? `Refresh token invalid: ${request.form.get('refresh_token')}. Visit https://dev.fitbit.com/docs/oauth2 for more information.`
              : description,
        },
      ],
      success: false,
    },
  }),
  unauthorized: {
    status: 401,
    json: {
      errors: [{ errorType: 'expired_token', message: 'Access token expired' }],
      success: false,
    },
  },
};
