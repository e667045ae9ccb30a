import { BearerTokenFix } from './fixes/bearer-token.fix.js';
import { defineProvider } from './provider.js';

/** What `ebay()` needs to know. */
export interface EbayParameters {
  /** The name that eBay has given to the redirect URL; takes the place of `redirectUri`. */
  ruName?: string;
  /** Whether it is eBay's sandbox. */
  sandbox?: boolean;
}

/** eBay: the redirect URL goes by a name, tokens by a type of their own. */
export const ebay = defineProvider<EbayParameters>(
  {
    name: 'ebay',
    title: 'eBay',
    documentation: [
      'https://developer.ebay.com/api-docs/static/oauth-authorization-code-grant.html',
      'https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html',
      'https://developer.ebay.com/api-docs/static/oauth-client-credentials-grant.html',
    ],
    habits: { accessToken: '2 h', refreshToken: 'stays', note: 'a refresh token lasts 18 months' },
    options: ({ ruName, sandbox = false }) => {
      const domain = sandbox ? 'sandbox.ebay.com' : 'ebay.com';
      // A RuName is no URL, and thus no redirectUri: it goes along as a parameter.
      const query = ruName === undefined ? '' : `?redirect_uri=${encodeURIComponent(ruName)}`;
      return {
        authorizationEndpoint: `https://auth.${domain}/oauth2/authorize${query}`,
        tokenEndpoint: `https://api.${domain}/identity/v1/oauth2/token`,
        ...(ruName !== undefined && { tokenParams: { redirect_uri: ruName } }),
        baseURL: `https://api.${domain}`,
        fixes: [BearerTokenFix],
      };
    },
  },
  'ruName',
  'sandbox',
);
