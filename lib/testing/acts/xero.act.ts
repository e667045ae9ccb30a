import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Xero: rotation, with half an hour in which a spent refresh token still works. */
export const xero: ProviderAct = {
  documentation: [
    'https://developer.xero.com/documentation/guides/oauth2/auth-flow/',
    'https://developer.xero.com/faq/oauth2',
    'https://nango.dev/blog/xero-oauth-refresh-token-invalid-grant',
  ],
  policy: { rotation: 'strict', rotationGraceSeconds: 1800, accessTokenSeconds: 1800 },
  authentication: 'client_secret_basic',
  failure: ({ status, error }) => ({ status, json: { error } }),
  unauthorized: {
    status: 401,
    json: {
      Type: null,
      Title: 'Unauthorized',
      Status: 401,
      Detail: 'TokenExpired: token expired at 11/21/2026 12:00:00',
      Instance: 'b7a7e1cb-4b7c-4e2c-9c5e-0e4a3f0b8c55',
      Extensions: {},
    },
  },
};
