import { JsonTokenFix } from './fixes/json-token.fix.js';
import { defineProvider } from './provider.js';

/** What `quickbooks()` needs to know. */
export interface QuickBooksParameters {
  /**
   * Whether it is about the companies of Intuit's sandbox.
   *
   * @defaultValue `false`
   */
  sandbox?: boolean;
}

/** QuickBooks Online: the company is `realmId` in the query of the callback. */
export const quickbooks = defineProvider<QuickBooksParameters>(
  {
    name: 'quickbooks',
    title: 'QuickBooks Online',
    documentation: [
      'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
      'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/openid-connect',
      'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq',
    ],
    habits: {
      accessToken: '1 h',
      refreshToken: 'rotates',
      note: 'a new refresh token about once a day; it lasts as x_refresh_token_expires_in says',
    },
    options: ({ sandbox = false }) => ({
      issuer: 'https://oauth.platform.intuit.com/op/v1',
      metadataUrl: `https://developer.api.intuit.com/.well-known/openid${sandbox ? '_sandbox' : ''}_configuration`,
      baseURL: `https://${sandbox ? 'sandbox-' : ''}quickbooks.api.intuit.com`,
      fixes: [JsonTokenFix],
    }),
  },
  'sandbox',
);
