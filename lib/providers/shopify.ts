import { OnProtectedRequest } from '../index.js';
import type { ProtectedRequest, ProtectedRequestContext } from '../index.js';
import { textOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `shopify()` needs to know. */
export interface ShopifyParameters {
  /** The shop's own host, such as `example.myshopify.com`: each shop is a client of its own. */
  shop: string;
}

const SHOP = /^[a-z\d][a-z\d-]*\.myshopify\.com$/i;

/** Shopify's Admin API: one shop, offline tokens that expire. */
export const shopify = defineProvider<ShopifyParameters>(
  {
    name: 'shopify',
    title: 'Shopify',
    documentation: [
      'https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps',
      'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens',
      'https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens',
    ],
    habits: {
      accessToken: '1 h',
      refreshToken: 'rotates',
      note: 'a refresh token lasts 90 d; no end and no refresh token with tokenParams: { expiring: "0" }',
    },
    options: ({ shop, grant = 'authorization_code' }) => {
      const host = textOf('shopify({ shop })', shop, SHOP, 'example.myshopify.com');
      return {
        authorizationEndpoint: `https://${host}/admin/oauth/authorize`,
        tokenEndpoint: `https://${host}/admin/oauth/access_token`,
        clientAuthentication: { method: 'client_secret_post' },
        scopeSeparator: ',',
        ...(grant === 'authorization_code' && { tokenParams: { expiring: '1' } }),
        baseURL: `https://${host}`,
        fixes: [ShopifyTokenFix],
      };
    },
  },
  'shop',
);

/** The Admin API wants the token in a header of its own. */
class ShopifyTokenFix {
  @OnProtectedRequest()
  inOwnHeader(request: ProtectedRequest, { token }: ProtectedRequestContext): ProtectedRequest {
    request.headers.set('X-Shopify-Access-Token', token.accessToken);
    return request;
  }
}
