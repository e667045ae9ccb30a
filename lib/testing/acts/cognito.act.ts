import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Amazon Cognito: no scope in the answer, errors without a description, refresh tokens revoked. */
export const cognito: ProviderAct = {
  documentation: [
    'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
    'https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 3600 },
  authentication: 'client_secret_basic',
  success: ({ access_token, refresh_token, id_token, expires_in, token_type }) => ({
    json: { id_token, access_token, refresh_token, expires_in, token_type },
  }),
  failure: ({ error }) => ({ status: error === 'invalid_client' ? 401 : 400, json: { error } }),
  revocable: {
    only: 'refresh_token',
    otherwise: { status: 400, json: { error: 'unsupported_token_type' } },
  },
};
