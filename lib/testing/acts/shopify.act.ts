import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Shopify: a header of its own for the token, an end and a refresh token for who asks for them. */
export const shopify: ProviderAct = {
  documentation: [
    'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens',
    'https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens',
    'https://github.com/Shopify/shopify-app-js/blob/main/packages/apps/shopify-api/lib/auth/oauth/refresh-token.ts',
  ],
  policy: { rotation: 'strict', rotationGraceSeconds: 30 * 86_400 },
  authentication: 'client_secret_post',
  success: ({ access_token, refresh_token, expires_in, scope }, { grantType, request }) => {
    const token = { access_token, scope: (scope ?? '').replaceAll(' ', ',') };
    const expires = grantType === 'refresh_token' || request.form.get('expiring') === '1';
    if (!expires) return { json: token };
    return { json: { ...token, expires_in, refresh_token, refresh_token_expires_in: 7_776_000 } };
  },
  failure: ({ error }) => ({
    status: 400,
    json: { error, error_description: 'The refresh token is invalid or expired' },
  }),
  apiToken: ({ headers }) => String(headers['x-shopify-access-token'] ?? ''),
  unauthorized: {
    status: 401,
    json: {
      errors: '[API] Invalid API key or access token (unrecognized login or wrong password)',
    },
  },
};
