import {
  OnAccessTokenResponse,
  OnRevokeTokenRequest,
  type TokenEndpointRequest,
  type TokenEndpointResponse,
} from '../index.js';
import { MetaErrorFix } from './fixes/meta-error.fix.js';
import { segmentOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `facebook()` may be told. */
export interface FacebookParameters {
  /** The version of the Graph API, such as `v25.0`; the app's own default when left out. */
  version?: string;
}

/** Facebook: user tokens of the Graph API, which are not renewed. */
export const facebook = defineProvider<FacebookParameters>(
  {
    name: 'facebook',
    title: 'Facebook',
    documentation: [
      'https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow',
      'https://developers.facebook.com/docs/facebook-login/guides/access-tokens',
      'https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke',
    ],
    habits: {
      accessToken: '60 d',
      refreshToken: 'none',
      note: 'users have to connect again before it ends; a revocation ends the whole connection',
    },
    options: ({ version }) => {
      const path =
        version === undefined ? '' : `/${segmentOf('facebook({ version })', version, 'v25.0')}`;
      return {
        authorizationEndpoint: `https://www.facebook.com${path}/dialog/oauth`,
        tokenEndpoint: `https://graph.facebook.com${path}/oauth/access_token`,
        revocationEndpoint: `https://graph.facebook.com${path}/me/permissions`,
        clientAuthentication: { method: 'client_secret_post' },
        revocationAuthentication: { method: 'none' },
        scopeSeparator: ',',
        baseURL: `https://graph.facebook.com${path}`,
        fixes: [FacebookFormFix, MetaErrorFix, FacebookRevocationFix],
      };
    },
  },
  'version',
);

/** Old versions answer a form, whose lifetime is `expires`. */
class FacebookFormFix {
  @OnAccessTokenResponse()
  asJson(response: TokenEndpointResponse): TokenEndpointResponse {
    const { status, headers, body } = response;
    if (status !== 200 || headers.get('content-type')?.includes('text/plain') !== true) {
      return response;
    }
    const { expires, ...fields } = Object.fromEntries(new URLSearchParams(body));
    const lifetime = expires === undefined ? {} : { expires, expires_in: expires };
    return response.withJson({ ...fields, ...lifetime, token_type: 'Bearer' });
  }
}

/** A connection ends by deleting its permissions, with the token itself. */
class FacebookRevocationFix {
  @OnRevokeTokenRequest()
  asDelete({ url, body }: TokenEndpointRequest): TokenEndpointRequest {
    const token = new URLSearchParams(body).get('token') ?? '';
    const headers = new Headers({ accept: 'application/json', authorization: `Bearer ${token}` });
    return { url, method: 'DELETE', headers, body: '' };
  }
}
