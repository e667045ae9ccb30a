import type { ProviderAct } from '../fake-authorization-server.act.js';

const CODES: Readonly<Record<string, number>> = {
  invalid_request: 21_323,
  invalid_client: 21_324,
  invalid_grant: 21_325,
  unauthorized_client: 21_326,
  unsupported_grant_type: 21_328,
};

/** Weibo: no token type, the user beside the token, revocation by the token alone. */
export const weibo: ProviderAct = {
  documentation: [
    'https://open.weibo.com/wiki/Oauth2/access_token',
    'https://open.weibo.com/wiki/Oauth2/revokeoauth2',
    'https://open.weibo.com/wiki/Error_code',
  ],
  authentication: 'client_secret_post',
  success: ({ access_token, expires_in }) => ({
    json: { access_token, expires_in, remind_in: String(expires_in), uid: '12341234' },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: {
      error,
      error_code: CODES[error],
      request: '/oauth2/access_token',
      error_uri: '/oauth2/access_token',
      error_description: description,
    },
  }),
  revokedToken: ({ form }) => form.get('access_token') ?? undefined,
  revocationByAnyone: true,
  revoked: { json: { result: 'true' } },
};
