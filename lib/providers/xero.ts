import { defineProvider } from './provider.js';

/** Xero: each call names its organisation in the header `xero-tenant-id`. */
export const xero = defineProvider({
  name: 'xero',
  title: 'Xero',
  documentation: [
    'https://developer.xero.com/documentation/guides/oauth2/auth-flow/',
    'https://developer.xero.com/documentation/guides/oauth2/token-types/',
    'https://developer.xero.com/faq/oauth2',
  ],
  habits: {
    accessToken: '30 min',
    refreshToken: 'rotates',
    note: 'ask for the scope offline_access; a refresh token lasts 60 d, a spent one 30 min more',
  },
  options: () => ({
    issuer: 'https://identity.xero.com',
    baseURL: 'https://api.xero.com',
  }),
});
