import type { ProviderAct } from '../fake-authorization-server.act.js';

/** LinkedIn: the same refresh token in every answer, and no proof key. */
export const linkedin: ProviderAct = {
  documentation: [
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens',
    'https://github.com/UsefulSoftwareCo/executor/issues/2087',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 5_184_000 },
  authentication: 'client_secret_post',
  // A proof key is taken for wrong credentials.
  credentials: ({ form }, { clientId }) =>
    form.has('code_verifier') ? { clientId, clientSecret: '' } : undefined,
  success: ({ access_token, refresh_token, expires_in, scope }, { request }) => ({
    json: {
      access_token,
      expires_in,
      refresh_token: refresh_token ?? request.form.get('refresh_token'),
      refresh_token_expires_in: 31_536_000,
      ...(scope !== undefined && { scope: scope.replaceAll(' ', ',') }),
    },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: {
      error,
      error_description: error === 'invalid_client' ? 'Client authentication failed' : description,
    },
  }),
  unauthorized: {
    status: 401,
    json: {
      serviceErrorCode: 65_601,
      message: 'The token used in the request has been revoked by the user',
      status: 401,
    },
  },
};
