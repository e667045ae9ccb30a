import { defineProvider } from './provider.js';

/**
 * Douban.
 *
 * @deprecated Douban has closed its open API, unannounced, years ago: no date is documented.
 */
export const douban = defineProvider({
  name: 'douban',
  title: 'Douban',
  documentation: ['https://developers.douban.com/wiki/?title=oauth2'],
  habits: { accessToken: '7 d', refreshToken: 'rotates', note: 'the API is closed' },
  options: () => ({
    authorizationEndpoint: 'https://www.douban.com/service/auth2/auth',
    tokenEndpoint: 'https://www.douban.com/service/auth2/token',
    clientAuthentication: { method: 'client_secret_post' },
    scopeSeparator: ',',
    baseURL: 'https://api.douban.com',
  }),
});
