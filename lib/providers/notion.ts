import {
  OnAccessTokenRequest,
  OnIntrospectTokenRequest,
  OnRefreshTokenRequest,
  OnRevokeTokenRequest,
  type TokenEndpointRequest,
} from '../index.js';
import { JsonRequestFix } from './fixes/json-request.fix.js';
import { JsonTokenFix } from './fixes/json-token.fix.js';
import { defineProvider } from './provider.js';

const VERSION = { name: 'Notion-Version', value: '2026-03-11' };

/** Notion: a connection to what its user chooses of a workspace. */
export const notion = defineProvider({
  name: 'notion',
  title: 'Notion',
  documentation: [
    'https://developers.notion.com/guides/get-started/authorization',
    'https://developers.notion.com/reference/create-a-token',
    'https://developers.notion.com/reference/refresh-a-token',
    'https://developers.notion.com/reference/revoke-token',
  ],
  habits: { accessToken: 'not named in the answer', refreshToken: 'rotates' },
  options: () => ({
    authorizationEndpoint: 'https://api.notion.com/v1/oauth/authorize',
    tokenEndpoint: 'https://api.notion.com/v1/oauth/token',
    revocationEndpoint: 'https://api.notion.com/v1/oauth/revoke',
    introspectionEndpoint: 'https://api.notion.com/v1/oauth/introspect',
    authorizationParams: { owner: 'user' },
    // Its JSON bodies may hold nothing but what is documented, and a code_verifier is not.
    pkce: false,
    baseURL: 'https://api.notion.com/v1',
    http: { headers: { [VERSION.name]: VERSION.value } },
    fixes: [JsonRequestFix, JsonTokenFix, NotionVersionFix],
  }),
});

/** Every request names the version of the API that it was written for, also those for tokens. */
class NotionVersionFix {
  @OnAccessTokenRequest()
  @OnRefreshTokenRequest()
  @OnRevokeTokenRequest()
  @OnIntrospectTokenRequest()
  name(request: TokenEndpointRequest): TokenEndpointRequest {
    request.headers.set(VERSION.name, VERSION.value);
    return request;
  }
}
