import {
  OnAccessTokenResponse,
  OnRefreshTokenRequest,
  OnRefreshTokenResponse,
  type TokenEndpointRequest,
  type TokenEndpointResponse,
} from '../index.js';
import { withFields } from './fixes/json-answer.js';
import { originOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `plentymarkets()` needs to know. */
export interface PlentymarketsParameters {
  /** The shop: `https://p12345.my.plentysystems.com`. */
  shopUrl: string;
}

/** PlentyONE, once plentymarkets: users log in with name and password. */
export const plentymarkets = defineProvider<PlentymarketsParameters>(
  {
    name: 'plentymarkets',
    title: 'PlentyONE (plentymarkets)',
    documentation: [
      'https://developers.plentymarkets.com/en-gb/developers/main/rest-api-guides/getting-started.html',
      'https://developers-legacy.plentymarkets.com/rest-doc/authentication/details',
    ],
    habits: {
      accessToken: '24 h',
      refreshToken: 'rotates',
      note: 'connect by fetchToken({ username, password })',
    },
    options: ({ shopUrl }) => {
      const example = 'https://p12345.my.plentysystems.com';
      const baseURL = `${originOf('plentymarkets({ shopUrl })', shopUrl, example)}/rest`;
      return {
        tokenEndpoint: `${baseURL}/login`,
        grant: 'password',
        clientAuthentication: { method: 'none' },
        baseURL,
        fixes: [PlentymarketsFix],
      };
    },
  },
  'shopUrl',
);

/** Fields are in camel case, and renewals have an address of their own. */
class PlentymarketsFix {
  @OnRefreshTokenRequest()
  elsewhere(request: TokenEndpointRequest): TokenEndpointRequest {
    const url = new URL(request.url);
    url.pathname += '/refresh';
    return { ...request, url };
  }

  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  rename(response: TokenEndpointResponse): TokenEndpointResponse {
    if (response.status !== 200) return response;
    return withFields(response, (fields) =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [snakeCase(name), value])),
    );
  }
}

function snakeCase(name: string): string {
  return name.replace(/(.)([A-Z][a-z]+)/g, '$1_$2').toLowerCase();
}
