import { hostOf, segmentOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `okta()` needs to know. */
export interface OktaParameters {
  /** The domain of the organization, such as `example.okta.com`. */
  domain: string;
  /** The custom authorization server, such as `default`; the organization's own when left out. */
  authorizationServerId?: string;
}

/** Okta: the organization's own server is for Okta's API, a custom one for an API of one's own. */
export const okta = defineProvider<OktaParameters>(
  {
    name: 'okta',
    title: 'Okta',
    documentation: [
      'https://developer.okta.com/docs/concepts/auth-servers/',
      'https://developer.okta.com/docs/guides/refresh-tokens/main/',
      'https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/customas/revokecustomas',
    ],
    habits: {
      accessToken: '1 h',
      refreshToken: 'stays',
      note: 'ask for the scope offline_access; the refresh token rotates where the app says so',
    },
    options: ({ domain, authorizationServerId: id }) => {
      const origin = `https://${hostOf('okta({ domain })', domain, 'example.okta.com')}`;
      if (id === undefined) return { issuer: origin, baseURL: `${origin}/api/v1` };
      const server = segmentOf('okta({ authorizationServerId })', id, 'default');
      return { issuer: `${origin}/oauth2/${server}` };
    },
  },
  'domain',
  'authorizationServerId',
);
