import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Douban: no token type, the user beside the token. */
export const douban: ProviderAct = {
  documentation: ['https://developers.douban.com/wiki/?title=oauth2'],
  policy: { accessTokenSeconds: 3920 },
  authentication: 'client_secret_post',
  success: ({ access_token, expires_in, refresh_token }) => ({
    json: { access_token, expires_in, refresh_token, douban_user_id: '1221' },
  }),
};
