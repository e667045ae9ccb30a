import { OnRefreshTokenResponse, type TokenEndpointResponse } from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { JsonRequestFix } from './fixes/json-request.fix.js';
import { defineProvider } from './provider.js';

/** Atlassian: Jira, Confluence and the others of its cloud, below `/ex/{product}/{cloudId}`. */
export const atlassian = defineProvider({
  name: 'atlassian',
  title: 'Atlassian (Jira, Confluence)',
  documentation: [
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    'https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens',
  ],
  habits: {
    accessToken: '1 h',
    refreshToken: 'rotates',
    note: 'ask for the scope offline_access; a refresh token lasts 90 d without use',
  },
  options: () => ({
    authorizationEndpoint: 'https://auth.atlassian.com/authorize',
    tokenEndpoint: 'https://auth.atlassian.com/oauth/token',
    clientAuthentication: { method: 'client_secret_post' },
    authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
    baseURL: 'https://api.atlassian.com',
    fixes: [JsonRequestFix, AtlassianDeadGrantFix],
  }),
});

/**
 * A refresh token that is not known, or was rotated out, is documented as `invalid_grant`, and
 * answered as `unauthorized_client` with a description that says what it is.
 */
class AtlassianDeadGrantFix {
  @OnRefreshTokenResponse()
  rename(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      const isDead =
        fields['error'] === 'unauthorized_client' &&
        fields['error_description'] === 'refresh_token is invalid';
      return isDead ? { ...fields, error: 'invalid_grant' } : fields;
    });
  }
}
