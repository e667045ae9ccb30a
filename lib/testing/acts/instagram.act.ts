import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Instagram: the token in a list, no lifetime, errors under names of their own. */
export const instagram: ProviderAct = {
  documentation: [
    'https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login',
  ],
  authentication: 'client_secret_post',
  success: ({ access_token, scope = '' }) => ({
    json: {
      data: [{ access_token, user_id: '1020', permissions: scope.replaceAll(' ', ',') }],
    },
  }),
  failure: () => ({
    status: 400,
    json: {
      error_type: 'OAuthException',
      code: 400,
      error_message: 'Matching code was not found or was already used',
    },
  }),
  apiToken: ({ query }) => query.get('access_token') ?? undefined,
  unauthorized: {
    status: 400,
    json: {
      error: {
        message: 'Error validating access token: Session has expired.',
        type: 'OAuthException',
        code: 190,
      },
    },
  },
};
