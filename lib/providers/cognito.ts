import { defineProvider } from './provider.js';

/** What `cognito()` needs to know. */
export interface CognitoParameters {
  /** The user pool, such as `eu-west-1_AbCdEfGhI`. */
  userPoolId: string;
  /** The region; the one that the user pool's identifier begins with when left out. */
  region?: string;
  /** The domain to log in at, where the user pool has more than the one that its metadata names. */
  domain?: string;
}

/** Amazon Cognito: one user pool, tokens for an API of one's own. */
export const cognito = defineProvider<CognitoParameters>(
  {
    name: 'cognito',
    title: 'Amazon Cognito',
    documentation: [
      'https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html',
      'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
      'https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html',
      'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html',
    ],
    habits: {
      accessToken: '1 h',
      refreshToken: 'stays',
      note: 'the refresh token lasts 30 days; it rotates where the app client says so',
    },
    options: ({ userPoolId, region = userPoolId.split('_', 1)[0], domain }) => ({
      issuer: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
      ...(domain !== undefined && {
        authorizationEndpoint: `https://${domain}/oauth2/authorize`,
        tokenEndpoint: `https://${domain}/oauth2/token`,
        revocationEndpoint: `https://${domain}/oauth2/revoke`,
        userinfoEndpoint: `https://${domain}/oauth2/userInfo`,
      }),
    }),
  },
  'userPoolId',
  'region',
  'domain',
);
