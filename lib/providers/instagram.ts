import {
  OnAccessTokenResponse,
  OnProtectedRequest,
  type ProtectedRequest,
  type ProtectedRequestContext,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { MetaErrorFix } from './fixes/meta-error.fix.js';
import { queryOf } from './fixes/query-of.js';
import { defineProvider } from './provider.js';

/** Instagram, with the business login: short-lived user tokens, in the address as well. */
export const instagram = defineProvider({
  name: 'instagram',
  title: 'Instagram',
  documentation: [
    'https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login',
  ],
  habits: {
    accessToken: '1 h',
    refreshToken: 'none',
    note: 'the application may exchange it for one of 60 d, for setToken()',
  },
  options: () => ({
    authorizationEndpoint: 'https://www.instagram.com/oauth/authorize',
    tokenEndpoint: 'https://api.instagram.com/oauth/access_token',
    clientAuthentication: { method: 'client_secret_post' },
    scopeSeparator: ',',
    defaultExpiresInSeconds: 3600,
    baseURL: 'https://graph.instagram.com',
    fixes: [InstagramListFix, MetaErrorFix, InstagramQueryTokenFix],
  }),
});

/** The token is the one entry of a list, and its scope is called permissions. */
class InstagramListFix {
  @OnAccessTokenResponse()
  unwrap(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, ({ data, ...rest }) => {
      const [first] = Array.isArray(data) ? (data as object[]) : [];
      const fields: Record<string, unknown> = { ...rest, ...first };
      const { permissions } = fields;
      return { ...fields, ...(permissions !== undefined && { scope: permissions }) };
    });
  }
}

/** The token is a parameter of the address as well, unless the caller has put one there. */
class InstagramQueryTokenFix {
  @OnProtectedRequest()
  add(request: ProtectedRequest, { token }: ProtectedRequestContext): ProtectedRequest {
    if (queryOf(request).has('access_token')) return request;
    const { params } = request as { params?: unknown };
    const own = { access_token: token.accessToken };
    if (!(params instanceof URLSearchParams)) {
      return { ...request, params: { ...(params as object | undefined), ...own } };
    }
    params.set('access_token', token.accessToken);
    return request;
  }
}
