import { OnRevokeTokenRequest, type TokenEndpointRequest } from '../index.js';
import { defineProvider } from './provider.js';

/** Dropbox, with offline access: its refresh token ends with the access token that is revoked. */
export const dropbox = defineProvider({
  name: 'dropbox',
  title: 'Dropbox',
  documentation: [
    'https://developers.dropbox.com/oauth-guide',
    'https://dropbox.tech/developers/using-oauth-2-0-with-offline-access',
    'https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke',
  ],
  habits: {
    accessToken: '4 h',
    refreshToken: 'stays',
    note: 'a revocation ends the whole grant',
  },
  options: () => ({
    authorizationEndpoint: 'https://www.dropbox.com/oauth2/authorize',
    tokenEndpoint: 'https://api.dropboxapi.com/oauth2/token',
    revocableTokens: ['access_token'],
    revocationEndpoint: 'https://api.dropboxapi.com/2/auth/token/revoke',
    authorizationParams: { token_access_type: 'offline' },
    baseURL: 'https://api.dropboxapi.com/2',
    allowedOrigins: ['https://api.dropboxapi.com', 'https://content.dropboxapi.com'],
    fixes: [DropboxRevocationFix],
  }),
});

/** Revocation is a call of the API with the token itself, and without arguments: a body of null. */
class DropboxRevocationFix {
  @OnRevokeTokenRequest()
  asCall({ url, method, body }: TokenEndpointRequest): TokenEndpointRequest {
    const token = new URLSearchParams(body).get('token') ?? '';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return { url, method, headers: new Headers(headers), body: 'null' };
  }
}
