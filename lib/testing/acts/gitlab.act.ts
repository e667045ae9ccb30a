import type { ProviderAct } from '../fake-authorization-server.act.js';

/** GitLab: no scope in the answer, rotation that ends the old tokens. */
export const gitlab: ProviderAct = {
  documentation: ['https://docs.gitlab.com/api/oauth2/', 'https://docs.gitlab.com/api/rest/'],
  policy: { rotation: 'strict', accessTokenSeconds: 7200 },
  success: ({ access_token, refresh_token, expires_in, id_token }, { now }) => ({
    json: {
      access_token,
      token_type: 'bearer',
      expires_in,
      refresh_token,
      created_at: Math.floor(now),
      ...(id_token !== undefined && { id_token }),
    },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: {
      error,
      error_description:
        error === 'invalid_grant'
          ? 'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.'
          : description,
    },
  }),
  revoked: { json: {} },
  unauthorized: { status: 401, json: { message: '401 Unauthorized' } },
};
