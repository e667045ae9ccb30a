import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Facebook: tokens of 60 days, errors in an object, connections that end by a DELETE. */
export const facebook: ProviderAct = {
  documentation: [
    'https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow',
    'https://developers.facebook.com/docs/graph-api/guides/error-handling',
  ],
  policy: { accessTokenSeconds: 5_184_000 },
  success: ({ access_token, expires_in }) => ({
    json: { access_token, token_type: 'bearer', expires_in },
  }),
  failure: ({ error }) => ({
    status: 400,
    json: {
      error: {
        message:
          error === 'invalid_client'
            ? 'Error validating client secret.'
            : 'This authorization code has been used.',
        type: 'OAuthException',
        code: error === 'invalid_client' ? 1 : 100,
        fbtrace_id: 'EJplcsCHuLu',
      },
    },
  }),
  revokedToken: ({ method, headers }) =>
    method === 'DELETE' ? headers.authorization?.replace(/^Bearer /, '') : undefined,
  revocationByAnyone: true,
  revoked: { json: { success: true } },
  unauthorized: {
    status: 400,
    json: {
      error: {
        message: 'Error validating access token: Session has expired.',
        type: 'OAuthException',
        code: 190,
        error_subcode: 463,
        fbtrace_id: 'H2il2t5bn4e',
      },
    },
  },
};
