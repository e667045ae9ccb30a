import { ConfigurationError, OnProtectedRequest } from '../index.js';
import type { ProtectedRequest, ProtectedRequestContext } from '../index.js';
import { defineProvider } from './provider.js';

/** What `shopify()` needs to know. */
export interface ShopifyParameters {
  /** The shop's own host, such as `example.myshopify.com`: each shop is a client of its own. */
  shop: string;
}

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
      note: 'the refresh token lasts 90 days; no end and none with tokenParams: { expiring: "0" }',
    },
    options: ({ shop, grant = 'authorization_code' }) => ({
      authorizationEndpoint: `https://${shopHost(shop)}/admin/oauth/authorize`,
      tokenEndpoint: `https://${shop}/admin/oauth/access_token`,
      clientAuthentication: { method: 'client_secret_post' },
      scopeSeparator: ',',
      ...(grant === 'authorization_code' && { tokenParams: { expiring: '1' } }),
      baseURL: `https://${shop}`,
      fixes: [ShopifyTokenFix],
    }),
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

/** A shop's name often comes with a request, and the client secret goes to the host it names. */
function shopHost(shop: string): string {
  if (/^[a-z\d][a-z\d-]*\.myshopify\.com$/i.test(shop)) return shop;
  throw new ConfigurationError({
    problem: 'The shop is no host of Shopify.',
    remedy: "Pass the shop's own host, such as example.myshopify.com.",
  });
}
