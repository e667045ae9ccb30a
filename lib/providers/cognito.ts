import { hostOf, labelOf, textOf } from './parameters.js';
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
      note: 'a refresh token lasts 30 d; it rotates where the app client says so',
    },
    options: ({ userPoolId, region, domain }) => ({
      issuer: issuerOf(userPoolId, region),
      ...(domain !== undefined && endpointsAt(domain)),
    }),
  },
  'userPoolId',
  'region',
  'domain',
);

function issuerOf(userPoolId: string, region: string | undefined): string {
  const example = 'eu-west-1_AbCdEfGhI';
  const pool = textOf('cognito({ userPoolId })', userPoolId, /^[a-z\d-]+_[a-z\d]+$/i, example);
  const [own] = pool.split('_', 1);
  const place = labelOf('cognito({ region })', region ?? own, 'eu-west-1');
  return `https://cognito-idp.${place}.amazonaws.com/${pool}`;
}

function endpointsAt(domain: string) {
  const host = hostOf('cognito({ domain })', domain, 'login.example.com');
  return {
    authorizationEndpoint: `https://${host}/oauth2/authorize`,
    tokenEndpoint: `https://${host}/oauth2/token`,
    revocationEndpoint: `https://${host}/oauth2/revoke`,
    userinfoEndpoint: `https://${host}/oauth2/userInfo`,
  };
}
