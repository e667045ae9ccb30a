import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Salesforce: no lifetime, the host of the org in every answer, refresh tokens that stay. */
export const salesforce: ProviderAct = {
  documentation: [
    'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
    'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_refresh_token_flow.htm',
    'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm',
  ],
  policy: { rotation: 'none' },
  success: ({ access_token, refresh_token, scope }, { grantType, now, apiUrl }) => ({
    json: {
      access_token,
      ...(grantType === 'authorization_code' && { refresh_token }),
      signature: 'SSSbLO/gBhmmyNUvN18ODBDFYHzakxOMgqYtu+hDPsc=',
      scope,
      instance_url: apiUrl,
      id: 'https://login.salesforce.com/id/00Dx0000000BV7z/005x00000012Q9P',
      token_type: 'Bearer',
      issued_at: String(Math.round(now * 1000)),
    },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: {
      error,
      error_description: error === 'invalid_grant' ? 'expired access/refresh token' : description,
    },
  }),
  unauthorized: {
    status: 401,
    json: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  },
};
