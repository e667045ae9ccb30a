import { OnRevokeTokenRequest, type TokenEndpointRequest } from '../index.js';
import { defineProvider } from './provider.js';

const OPTIONS = {
  authorizationEndpoint: 'https://github.com/login/oauth/authorize',
  tokenEndpoint: 'https://github.com/login/oauth/access_token',
  deviceAuthorizationEndpoint: 'https://github.com/login/device/code',
  clientAuthentication: { method: 'client_secret_post' },
  revocationAuthentication: { method: 'client_secret_basic' },
  revocableTokens: ['access_token'],
  baseURL: 'https://api.github.com',
  http: { headers: { Accept: 'application/vnd.github+json' } },
  deadGrantErrors: ['bad_refresh_token', 'invalid_grant'],
} as const;

/** GitHub, as an OAuth app: tokens without end. */
export const github = defineProvider({
  name: 'github',
  title: 'GitHub (OAuth app)',
  documentation: [
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
    'https://docs.github.com/en/rest/apps/oauth-applications',
  ],
  habits: { accessToken: 'no end', refreshToken: 'none' },
  options: ({ clientId }) => ({
    ...OPTIONS,
    revocationEndpoint: `https://api.github.com/applications/${encodeURIComponent(clientId)}/token`,
    fixes: [GitHubRevocationFix],
  }),
});

/** GitHub, as a GitHub App that acts for its users: tokens end, and refresh tokens rotate. */
export const githubApp = defineProvider({
  name: 'github_app',
  title: 'GitHub (GitHub App)',
  documentation: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app',
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
    'https://docs.github.com/en/rest/apps/oauth-applications',
  ],
  habits: {
    accessToken: '8 h',
    refreshToken: 'rotates',
    note: 'no end and no refresh token where the app has opted out',
  },
  options: ({ clientId }) => ({
    ...OPTIONS,
    revocationEndpoint: `https://api.github.com/applications/${encodeURIComponent(clientId)}/token`,
    fixes: [GitHubRevocationFix],
  }),
});

/** GitHub takes a token back by a DELETE at an address that holds the client id, body as JSON. */
class GitHubRevocationFix {
  @OnRevokeTokenRequest()
  asDelete(request: TokenEndpointRequest): TokenEndpointRequest {
    const form = new URLSearchParams(request.body);
    const headers = new Headers(request.headers);
    headers.set('content-type', 'application/json');
    const body = JSON.stringify({ access_token: form.get('token') });
    return { url: request.url, method: 'DELETE', headers, body };
  }
}
