import type { ProviderAct } from '../fake-authorization-server.act.js';

/** QuickBooks: how long the refresh token lasts, a day in which the former still works, JSON. */
export const quickbooks: ProviderAct = {
  documentation: [
    'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
    'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq',
    'https://github.com/intuit/oauth-jsclient/blob/master/src/OAuthClient.js',
    'https://github.com/intuit/oauth-jsclient/issues/77',
  ],
  policy: { rotation: 'strict', rotationGraceSeconds: 86_400, accessTokenSeconds: 3600 },
  authentication: 'client_secret_basic',
  success: ({ access_token, refresh_token, expires_in, id_token }) => ({
    json: {
      token_type: 'bearer',
      expires_in,
      refresh_token,
      x_refresh_token_expires_in: 8_726_400,
      access_token,
      ...(id_token !== undefined && { id_token }),
    },
  }),
  failure: ({ status, error }) => ({ status, json: { error } }),
  revokedToken: ({ headers, body }) =>
    headers['content-type'] === 'application/json'
      ? (JSON.parse(body) as { token: string }).token
      : undefined,
  unauthorized: {
    status: 401,
    json: {
      warnings: null,
      fault: {
        error: [
          {
            message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
            detail: 'Token expired',
            code: '3200',
          },
        ],
        type: 'AUTHENTICATION',
      },
    },
  },
};
