import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { defineProvider } from './provider.js';

/**
 * Fitbit's Web API.
 *
 * @deprecated Google has switched it off on 2 November 2026, for the Google Health API: use `google`.
 */
export const fitbit = defineProvider({
  name: 'fitbit',
  title: 'Fitbit',
  documentation: [
    'https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token/',
    'https://dev.fitbit.com/build/reference/web-api/authorization/refresh-token/',
    'https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-messages/',
    'https://developers.google.com/health/about',
  ],
  habits: { accessToken: '8 h', refreshToken: 'rotates', note: 'switched off in November 2026' },
  options: () => ({
    authorizationEndpoint: 'https://www.fitbit.com/oauth2/authorize',
    tokenEndpoint: 'https://api.fitbit.com/oauth2/token',
    revocationEndpoint: 'https://api.fitbit.com/oauth2/revoke',
    introspectionEndpoint: 'https://api.fitbit.com/1.1/oauth2/introspect',
    baseURL: 'https://api.fitbit.com',
    fixes: [FitbitErrorFix],
  }),
});

/** Errors come as a list, under a name of their own. */
class FitbitErrorFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  first(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      const [first] = Array.isArray(fields['errors']) ? (fields['errors'] as unknown[]) : [];
      if (typeof first !== 'object' || first === null) return fields;
      const { errorType, message } = first as { errorType?: unknown; message?: unknown };
      return { ...fields, error: errorType, error_description: message };
    });
  }
}
