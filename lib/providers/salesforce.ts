import { originOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `salesforce()` needs to know. */
export interface SalesforceParameters {
  /**
   * Where users log in: `https://test.salesforce.com` for a sandbox, or the org's own My Domain.
   *
   * @defaultValue `'https://login.salesforce.com'`
   */
  loginUrl?: string;
}

const LOGIN_URL = 'https://login.salesforce.com';

/** Salesforce: API calls go to the host of the org whose token it is. */
export const salesforce = defineProvider<SalesforceParameters>(
  {
    name: 'salesforce',
    title: 'Salesforce',
    documentation: [
      'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
      'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_refresh_token_flow.htm',
    ],
    habits: {
      accessToken: '2 h, or as the session policy says; not named in the answer',
      refreshToken: 'stays',
      note: 'ask for the scope refresh_token',
    },
    options: ({ loginUrl = LOGIN_URL }) => {
      const server = `${originOf('salesforce({ loginUrl })', loginUrl, LOGIN_URL)}/services/oauth2`;
      return {
        authorizationEndpoint: `${server}/authorize`,
        tokenEndpoint: `${server}/token`,
        revocationEndpoint: `${server}/revoke`,
        introspectionEndpoint: `${server}/introspect`,
        clientAuthentication: { method: 'client_secret_post' },
        baseURL: (token) => String(token.raw['instance_url']),
        allowedOrigins: ['https://*.salesforce.com', 'https://*.force.com'],
      };
    },
  },
  'loginUrl',
);
