import {
  ConfigurationError,
  OnRevokeTokenRequest,
  type ClientAuthenticationFunction,
  type HookContext,
  type TokenEndpointRequest,
} from '../index.js';
import { defineProvider } from './provider.js';

/** The secret key alone says who the platform is: as a user name without a password. */
const bySecretKey: ClientAuthenticationFunction = ({ headers }, { clientSecret = '' }) => {
  headers.set('authorization', `Basic ${Buffer.from(`${clientSecret}:`).toString('base64')}`);
};

/**
 * Stripe Connect: accounts that connect to a platform, whose secret key is the client secret. An
 * account is disconnected by `revokeToken({ token: String(token.raw['stripe_user_id']) })`, and
 * forgotten by `clearToken()`.
 */
export const stripe = defineProvider({
  name: 'stripe',
  title: 'Stripe Connect',
  documentation: ['https://docs.stripe.com/connect/oauth-reference'],
  habits: {
    accessToken: 'no end',
    refreshToken: 'stays',
    note: 'a renewal ends the access token before it; accounts are revoked: revokeToken({ token: stripe_user_id })',
  },
  options: () => ({
    authorizationEndpoint: 'https://connect.stripe.com/oauth/authorize',
    tokenEndpoint: 'https://connect.stripe.com/oauth/token',
    revocationEndpoint: 'https://connect.stripe.com/oauth/deauthorize',
    clientAuthentication: bySecretKey,
    revocationAuthentication: (request, credentials) => {
      request.form.set('client_id', credentials.clientId);
      return bySecretKey(request, credentials);
    },
    baseURL: 'https://api.stripe.com',
    fixes: [StripeDeauthorizationFix],
  }),
});

/** Stripe ends the connection of an account, not a token. */
class StripeDeauthorizationFix {
  @OnRevokeTokenRequest()
  byAccount(request: TokenEndpointRequest, context: HookContext): TokenEndpointRequest {
    const { client_id = '', token = '' } = Object.fromEntries(new URLSearchParams(request.body));
    if (token.startsWith('acct_')) {
      return { ...request, body: new URLSearchParams({ client_id, stripe_user_id: token }) };
    }
    throw new ConfigurationError({
      ...context,
      problem: 'Stripe disconnects accounts, and revokes no tokens.',
      remedy: 'Pass stripe_user_id of the raw token response as the token to revoke.',
    });
  }
}
