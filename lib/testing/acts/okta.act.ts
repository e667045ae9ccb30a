import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Okta: a refresh token that stays, and is named again. */
export const okta: ProviderAct = {
  documentation: [
    'https://developer.okta.com/docs/guides/refresh-tokens/main/',
    'https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/customas/revokecustomas',
    'https://developer.okta.com/docs/reference/error-codes/',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 3600 },
  authentication: 'client_secret_basic',
  success: (standard, { request }) => {
    const given = request.form.get('refresh_token');
    return { json: { ...standard, ...(given !== null && { refresh_token: given }) } };
  },
  failure: ({ status, error, description }, { grantType }) => ({
    status,
    json: {
      error,
      error_description:
        error === 'invalid_grant' && grantType === 'refresh_token'
          ? 'The refresh token is invalid or expired.'
          : description,
    },
  }),
  unauthorized: {
    status: 401,
    json: { errorCode: 'E0000011', errorSummary: 'Invalid token provided', errorCauses: [] },
  },
};
