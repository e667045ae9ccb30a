import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { defineProvider } from './provider.js';

/** HubSpot, by the OAuth API of 2026-03. */
export const hubspot = defineProvider({
  name: 'hubspot',
  title: 'HubSpot',
  documentation: [
    'https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens',
    'https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token',
    'https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/revoke-token',
  ],
  habits: {
    accessToken: '30 min',
    refreshToken: 'stays',
    note: 'only the refresh token can be revoked',
  },
  options: () => ({
    authorizationEndpoint: 'https://app.hubspot.com/oauth/authorize',
    tokenEndpoint: 'https://api.hubapi.com/oauth/2026-03/token',
    revocableTokens: ['refresh_token'],
    revocationEndpoint: 'https://api.hubapi.com/oauth/2026-03/token/revoke',
    clientAuthentication: { method: 'client_secret_post' },
    baseURL: 'https://api.hubapi.com',
    deadGrantErrors: ['BAD_REFRESH_TOKEN', 'invalid_grant'],
    fixes: [HubSpotAnswerFix],
  }),
});

/** The granted scope is a list named `scopes`, and the code of an error is its `status`. */
class HubSpotAnswerFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  read(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      const { scopes, status, message } = fields;
      if (Array.isArray(scopes)) return { scope: scopes.join(' '), ...fields };
      if (typeof status !== 'string' || status === 'error') return fields;
      return { error: status, error_description: message, ...fields };
    });
  }
}
