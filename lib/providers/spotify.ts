import { defineProvider } from './provider.js';

/** Spotify's Web API. */
export const spotify = defineProvider({
  name: 'spotify',
  title: 'Spotify',
  documentation: [
    'https://developer.spotify.com/documentation/web-api/tutorials/code-flow',
    'https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens',
    'https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration',
  ],
  habits: {
    accessToken: '1 h',
    refreshToken: 'stays',
    note: 'users have to connect again after 6 months; a renewal may bring a new refresh token',
  },
  options: () => ({
    authorizationEndpoint: 'https://accounts.spotify.com/authorize',
    tokenEndpoint: 'https://accounts.spotify.com/api/token',
    baseURL: 'https://api.spotify.com/v1',
  }),
});
