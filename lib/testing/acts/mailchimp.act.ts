import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Mailchimp: tokens without end that say 0, and an endpoint that says where the API is. */
export const mailchimp: ProviderAct = {
  documentation: [
    'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
    'https://mailchimp.com/developer/marketing/docs/errors/',
  ],
  policy: { accessTokenSeconds: 315_360_000 },
  success: ({ access_token }) => ({ json: { access_token, expires_in: 0, scope: null } }),
  pages: {
    '/metadata': ({ request, apiUrl }) =>
      request.headers.authorization?.startsWith('OAuth ') === true
        ? {
            json: {
              dc: 'us6',
              role: 'owner',
              accountname: 'Example',
              user_id: 12_345,
              login_url: 'https://login.mailchimp.com',
              api_endpoint: apiUrl,
            },
          }
        : { json: { error: 'invalid_token' } },
  },
  unauthorized: {
    status: 401,
    headers: { 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({
      type: 'https://mailchimp.com/developer/marketing/docs/errors/',
      title: 'API Key Invalid',
      status: 401,
      detail: 'Your request did not include an API key.',
      instance: '',
    }),
  },
};
