import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Dropbox: a refresh token for who asks for offline access, revocation by the access token. */
export const dropbox: ProviderAct = {
  documentation: [
    'https://developers.dropbox.com/oauth-guide',
    'https://dropbox.tech/developers/using-oauth-2-0-with-offline-access',
    'https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 14_400 },
  authorizationParams: { token_access_type: 'offline' },
  success: ({ access_token, refresh_token, expires_in, scope }, { grantType }) => {
    const token = { access_token, token_type: 'bearer', expires_in };
    if (grantType === 'refresh_token') return { json: token };
    const account_id = 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc';
    return { json: { ...token, refresh_token, scope, uid: '12345', account_id } };
  },
  failure: ({ status, error }, { grantType }) => ({
    status,
    json: {
      error_description:
        grantType === 'refresh_token'
          ? 'refresh token is invalid or revoked'
          : "code doesn't exist or has expired",
      error,
    },
  }),
  revokedToken: ({ headers, body }) =>
    body === 'null' && headers['content-type'] === 'application/json'
      ? headers.authorization?.replace('Bearer ', '')
      : undefined,
  revocable: {
    only: 'access_token',
    otherwise: {
      status: 401,
      json: { error_summary: 'invalid_access_token/..', error: { '.tag': 'invalid_access_token' } },
    },
  },
  revocationByAnyone: true,
  revoked: { json: null },
  unauthorized: {
    status: 401,
    json: { error_summary: 'expired_access_token/..', error: { '.tag': 'expired_access_token' } },
  },
};
