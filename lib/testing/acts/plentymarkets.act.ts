import type { ProviderAct } from '../fake-authorization-server.act.js';

/** PlentyONE: fields in camel case, renewals at an address of their own, nobody authenticates. */
export const plentymarkets: ProviderAct = {
  documentation: [
    'https://developers-legacy.plentymarkets.com/rest-doc/authentication/details',
    'https://developers.plentymarkets.com/en-gb/developers/main/rest-api-guides/getting-started.html',
  ],
  policy: { accessTokenSeconds: 86_400 },
  authentication: 'none',
  paths: { '/token/refresh': '/token' },
  success: ({ access_token, refresh_token, expires_in }) => ({
    json: {
      accessToken: access_token,
      tokenType: 'Bearer',
      expiresIn: expires_in,
      refreshToken: refresh_token,
    },
  }),
};
