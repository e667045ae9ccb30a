import { defineProvider } from './provider.js';

/** Google: a refresh token comes with each consent, which is therefore asked for. */
export const google = defineProvider({
  name: 'google',
  title: 'Google',
  documentation: [
    'https://developers.google.com/identity/protocols/oauth2/web-server',
    'https://developers.google.com/identity/openid-connect/openid-connect',
  ],
  habits: {
    accessToken: '1 h',
    refreshToken: 'stays',
    note: 'a refresh token ends after 6 months without use, and after 7 d while the app is in testing',
  },
  options: () => ({
    issuer: 'https://accounts.google.com',
    clientAuthentication: { method: 'client_secret_post' },
    revocationAuthentication: { method: 'none' },
    authorizationParams: { access_type: 'offline', prompt: 'consent' },
    scopeAliases: {
      email: 'https://www.googleapis.com/auth/userinfo.email',
      profile: 'https://www.googleapis.com/auth/userinfo.profile',
    },
    baseURL: 'https://www.googleapis.com',
    allowedOrigins: ['https://*.googleapis.com'],
  }),
});
