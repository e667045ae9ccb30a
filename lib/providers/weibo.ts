import { OnRevokeTokenRequest, type TokenEndpointRequest } from '../index.js';
import { BearerTokenFix } from './fixes/bearer-token.fix.js';
import { defineProvider } from './provider.js';

/** Weibo: the token goes into the address. */
export const weibo = defineProvider({
  name: 'weibo',
  title: 'Weibo',
  documentation: [
    'https://open.weibo.com/wiki/Oauth2/authorize',
    'https://open.weibo.com/wiki/Oauth2/access_token',
    'https://open.weibo.com/wiki/Oauth2/revokeoauth2',
  ],
  habits: {
    accessToken: 'as the app’s level says; named in the answer',
    refreshToken: 'none',
    note: 'mobile apps alone get refresh tokens',
  },
  options: () => ({
    authorizationEndpoint: 'https://api.weibo.com/oauth2/authorize',
    tokenEndpoint: 'https://api.weibo.com/oauth2/access_token',
    revocationEndpoint: 'https://api.weibo.com/oauth2/revokeoauth2',
    clientAuthentication: { method: 'client_secret_post' },
    scopeSeparator: ',',
    tokenPlacement: 'query',
    baseURL: 'https://api.weibo.com/2',
    fixes: [BearerTokenFix, WeiboRevocationFix],
  }),
});

/** The token to revoke is called what it is called in API calls. */
class WeiboRevocationFix {
  @OnRevokeTokenRequest()
  rename(request: TokenEndpointRequest): TokenEndpointRequest {
    const token = new URLSearchParams(request.body).get('token') ?? '';
    return { ...request, body: new URLSearchParams({ access_token: token }) };
  }
}
