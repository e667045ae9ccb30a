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
