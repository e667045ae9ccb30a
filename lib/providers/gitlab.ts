import { originOf } from './parameters.js';
import { defineProvider } from './provider.js';

/** What `gitlab()` may be told. */
export interface GitLabParameters {
  /**
   * The server: `https://gitlab.example.com` for one of one's own.
   *
   * @defaultValue `'https://gitlab.com'`
   */
  url?: string;
}

/** GitLab, or a GitLab server of one's own. */
export const gitlab = defineProvider<GitLabParameters>(
  {
    name: 'gitlab',
    title: 'GitLab',
    documentation: [
      'https://docs.gitlab.com/api/oauth2/',
      'https://docs.gitlab.com/integration/oauth_provider/',
      'https://docs.gitlab.com/integration/openid_connect_provider/',
    ],
    habits: { accessToken: '2 h', refreshToken: 'rotates' },
    options: ({ url = 'https://gitlab.com', redirectUri }) => {
      const issuer = originOf('gitlab({ url })', url, 'https://gitlab.example.com');
      return {
        issuer,
        deviceAuthorizationEndpoint: `${issuer}/oauth/authorize_device`,
        clientAuthentication: { method: 'client_secret_post' },
        ...(redirectUri !== undefined && { refreshParams: { redirect_uri: redirectUri } }),
        baseURL: `${issuer}/api/v4`,
      };
    },
  },
  'url',
);
