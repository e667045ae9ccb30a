import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Atlassian: JSON both ways, an audience, rotation, a code of its own for a dead refresh token. */
export const atlassian: ProviderAct = {
  documentation: [
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    'https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens',
    'https://mrrefactoring.github.io/confluence.js/guide/oauth2',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 3600 },
  authentication: 'client_secret_post',
  tokenRequests: 'json',
  authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
  success: ({ access_token, refresh_token, expires_in, scope }) => ({
    json: { access_token, refresh_token, expires_in, scope, token_type: 'Bearer' },
  }),
  failure: ({ status, error, description }, { grantType }) => {
    if (error === 'invalid_client') {
      return { status: 401, json: { error: 'access_denied', error_description: 'Unauthorized' } };
    }
    if (error !== 'invalid_grant' || grantType !== 'refresh_token') {
      return { status, json: { error, error_description: description } };
    }
    const fields = { error: 'unauthorized_client', error_description: 'refresh_token is invalid' };
    return { status: 403, json: fields };
  },
  unauthorized: { status: 401, json: { code: 401, message: 'Unauthorized' } },
};
