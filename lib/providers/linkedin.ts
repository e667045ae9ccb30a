import { defineProvider } from './provider.js';

/** LinkedIn: no proof key, and ID tokens without a nonce, which are not judged. */
export const linkedin = defineProvider({
  name: 'linkedin',
  title: 'LinkedIn',
  documentation: [
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens',
    'https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection',
  ],
  habits: {
    accessToken: '60 d',
    refreshToken: 'stays',
    note: 'partners alone get refresh tokens; a refresh token lasts 365 d from the consent',
  },
  options: () => ({
    authorizationEndpoint: 'https://www.linkedin.com/oauth/v2/authorization',
    tokenEndpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
    introspectionEndpoint: 'https://www.linkedin.com/oauth/v2/introspectToken',
    userinfoEndpoint: 'https://api.linkedin.com/v2/userinfo',
    clientAuthentication: { method: 'client_secret_post' },
    pkce: false,
    baseURL: 'https://api.linkedin.com',
    http: { headers: { 'X-Restli-Protocol-Version': '2.0.0' } },
  }),
});
