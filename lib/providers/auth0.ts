import { hostOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `auth0()` needs to know. */
export interface Auth0Parameters {
  /** The domain of the tenant, such as `example.eu.auth0.com`. */
  domain: string;
  /** The identifier of the API that the tokens are for; without one they are for `/userinfo` alone. */
  audience?: string;
}

/** Auth0: tokens for an API of one's own. */
export const auth0 = defineProvider<Auth0Parameters>(
  {
    name: 'auth0',
    title: 'Auth0',
    documentation: [
      'https://auth0.com/docs/get-started/authentication-and-authorization-flow/authorization-code-flow/call-your-api-using-the-authorization-code-flow',
      'https://auth0.com/docs/secure/tokens/refresh-tokens/refresh-token-rotation',
      'https://auth0.com/docs/api/authentication/revoke-refresh-token/revoke-refresh-token',
    ],
    habits: {
      accessToken: '24 h',
      refreshToken: 'rotates',
      note: 'ask for the scope offline_access; the refresh token stays where the application has rotation off',
    },
    options: ({ domain, audience, clientSecret, grant }) => ({
      issuer: `https://${hostOf('auth0({ domain })', domain, 'example.eu.auth0.com')}/`,
      ...(clientSecret !== undefined && { clientAuthentication: { method: 'client_secret_post' } }),
      ...(audience !== undefined &&
        (grant === 'client_credentials'
          ? { tokenParams: { audience } }
          : { authorizationParams: { audience } })),
    }),
  },
  'domain',
  'audience',
);
