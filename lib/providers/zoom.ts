import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { defineProvider } from './provider.js';

/** Zoom: API calls go to the host that comes with the token. */
export const zoom = defineProvider({
  name: 'zoom',
  title: 'Zoom',
  documentation: [
    'https://developers.zoom.us/docs/integrations/oauth/',
    'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
  ],
  habits: {
    accessToken: '1 h',
    refreshToken: 'rotates',
    note: 'a refresh token lasts 90 d',
  },
  options: () => ({
    authorizationEndpoint: 'https://zoom.us/oauth/authorize',
    tokenEndpoint: 'https://zoom.us/oauth/token',
    revocationEndpoint: 'https://zoom.us/oauth/revoke',
    baseURL: ({ raw: { api_url: host } }) =>
      `${typeof host === 'string' ? host : 'https://api.zoom.us'}/v2`,
    allowedOrigins: ['https://*.zoom.us'],
    fixes: [ZoomInvalidTokenFix],
  }),
});

/** A dead refresh token is called an invalid request, too: the reason tells. */
class ZoomInvalidTokenFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  standard(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      const { reason, error } = fields;
      if (typeof reason !== 'string') return fields;
      const isDead = reason === 'Invalid Token!';
      return { ...fields, error: isDead ? 'invalid_grant' : error, error_description: reason };
    });
  }
}
