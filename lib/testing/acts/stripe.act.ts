import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Stripe Connect: the secret key as the client, tokens without end, accounts instead of tokens. */
export const stripe: ProviderAct = {
  documentation: ['https://docs.stripe.com/connect/oauth-reference'],
  policy: { rotation: 'none' },
  authentication: 'client_secret_post',
  credentials: ({ headers }, client) => {
    const key = Buffer.from(`${client.clientSecret}:`).toString('base64');
    return headers.authorization === `Basic ${key}` ? client : undefined;
  },
  success: ({ access_token, refresh_token }, { request }) => {
    const refresh = refresh_token ?? request.form.get('refresh_token');
    return {
      json: {
        access_token,
        livemode: false,
        refresh_token: refresh,
        token_type: 'bearer',
        stripe_publishable_key: 'pk_test_TYooMQauvdEDq54NiTphI7jx',
        stripe_user_id: `acct_${refresh}`,
        scope: 'read_write',
      },
    };
  },
  revokedToken: ({ form }) => form.get('stripe_user_id')?.slice('acct_'.length),
  revoked: { json: { stripe_user_id: 'acct_1' } },
  unauthorized: {
    status: 401,
    json: {
      error: {
        code: 'api_key_expired',
        message: 'Expired API Key provided: sk_test_****',
        type: 'invalid_request_error',
      },
    },
  },
};
