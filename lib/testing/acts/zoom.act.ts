import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Zoom: the host of the API in the answer, reasons instead of descriptions, rotation. */
export const zoom: ProviderAct = {
  documentation: [
    'https://developers.zoom.us/docs/integrations/oauth/',
    'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 3599 },
  authentication: 'client_secret_basic',
  success: ({ access_token, refresh_token, expires_in, scope }, { apiUrl }) => ({
    json: {
      access_token,
      token_type: 'bearer',
      refresh_token,
      expires_in,
      scope,
      api_url: apiUrl,
    },
  }),
  failure: ({ status, error, description }, { grantType }) => {
    const isDead = error === 'invalid_grant' && grantType === 'refresh_token';
    return {
      status,
      json: isDead
        ? { reason: 'Invalid Token!', error: 'invalid_request' }
        : { reason: description, error },
    };
  },
  revoked: { json: { status: 'success' } },
  unauthorized: { status: 401, json: { code: 124, message: 'Access token is expired.' } },
};
