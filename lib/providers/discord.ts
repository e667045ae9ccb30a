import { defineProvider } from './provider.js';

/** Discord, acting as a user. */
export const discord = defineProvider({
  name: 'discord',
  title: 'Discord',
  documentation: ['https://docs.discord.com/developers/topics/oauth2'],
  habits: {
    accessToken: '7 d',
    refreshToken: 'rotates',
    note: 'a revocation ends the whole grant',
  },
  options: () => ({
    authorizationEndpoint: 'https://discord.com/oauth2/authorize',
    tokenEndpoint: 'https://discord.com/api/oauth2/token',
    revocationEndpoint: 'https://discord.com/api/oauth2/token/revoke',
    baseURL: 'https://discord.com/api/v10',
  }),
});
