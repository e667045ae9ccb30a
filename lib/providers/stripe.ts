import {
  ConfigurationError,
  OnRevokeTokenRequest,
  type ClientAuthenticationFunction,
  type RevocationContext,
  type TokenEndpointRequest,
} from '../index.js';
import { defineProvider } from './provider.js';

/** The secret key alone says who the platform is: as a user name without a password. */
const bySecretKey: ClientAuthenticationFunction = ({ headers }, { clientSecret = '' }) => {
  headers.set('authorization', `Basic ${Buffer.from(`${clientSecret}:`).toString('base64')}`);
};

/**
 * Stripe Connect: accounts that connect to a platform, whose secret key is the client secret.
 * `revokeToken()` disconnects the account.
 */
export const stripe = defineProvider({
  name: 'stripe',
  title: 'Stripe Connect',
  documentation: ['https://docs.stripe.com/connect/oauth-reference'],
  habits: {
    accessToken: 'no end',
    refreshToken: 'stays',
    note: 'a renewal ends the former access token; a revocation disconnects the account',
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
    revocableTokens: ['access_token'],
    baseURL: 'https://api.stripe.com',
    fixes: [StripeDeauthorizationFix],
  }),
});

/** Stripe ends the connection of an account, not a token. */
class StripeDeauthorizationFix {
  @OnRevokeTokenRequest()
  byAccount(
    request: TokenEndpointRequest,
    { token, ...who }: RevocationContext,
  ): TokenEndpointRequest {
    const { client_id = '', token: given = '' } = Object.fromEntries(
      new URLSearchParams(request.body),
    );
    // An account may be given in place of a token.
    const known = token?.raw['stripe_user_id'];
    const account = typeof known === 'string' ? known : given;
    if (!account.startsWith('acct_')) {
      throw new ConfigurationError({
        ...who,
        problem: 'Stripe disconnects accounts, and revokes no tokens.',
        remedy: 'Pass stripe_user_id of the raw token response as the token to revoke.',
      });
    }
    return { ...request, body: new URLSearchParams({ client_id, stripe_user_id: account }) };
  }
}
