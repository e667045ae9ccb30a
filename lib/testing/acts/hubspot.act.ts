import type { ProviderAct } from '../fake-authorization-server.act.js';

/** HubSpot: the scope as a list, errors by `status`, a refresh token that stays. */
export const hubspot: ProviderAct = {
  documentation: [
    'https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens',
    'https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token',
    'https://nango.dev/blog/hubspot-oauth-bad-refresh-token',
    'https://github.com/ToolJet/ToolJet/issues/17192',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 1800 },
  authentication: 'client_secret_post',
  success: ({ access_token, refresh_token, expires_in, scope = '' }, { request }) => ({
    json: {
      token_type: 'bearer',
      refresh_token: refresh_token ?? request.form.get('refresh_token'),
      access_token,
      hub_id: 1234567,
      scopes: scope.split(' '),
      expires_in,
      user_id: 293199,
    },
  }),
  failure: ({ error, description }, { grantType }) => ({
    status: 400,
    json:
      error === 'invalid_grant' && grantType === 'refresh_token'
        ? { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }
        : {
            message: description,
            correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
            category: 'VALIDATION_ERROR',
          },
  }),
  revoked: { status: 204 },
  unauthorized: {
    status: 401,
    json: {
      status: 'error',
      message: 'The OAuth token used to make this call expired 5 hour(s) ago.',
      correlationId: '019f601e-af3d-7912-b920-31130b6240c9',
      category: 'EXPIRED_AUTHENTICATION',
    },
  },
};
