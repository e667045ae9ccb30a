import type { ProviderAct } from '../fake-authorization-server.act.js';

const LONG: Readonly<Record<string, string>> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
};

/** Google: scopes by their long names, refresh tokens that stay, revocation by the token alone. */
export const google: ProviderAct = {
  documentation: [
    'https://developers.google.com/identity/protocols/oauth2/web-server',
    'https://cloud.google.com/apis/design/errors',
  ],
  policy: { rotation: 'none', accessTokenSeconds: 3599 },
  success: ({ scope = '', ...standard }) => ({
    json: {
      ...standard,
      scope: scope
        .split(' ')
        .map((name) => LONG[name] ?? name)
        .join(' '),
    },
  }),
  failure: ({ status, error, description }) => ({
    status,
    json: {
      error,
      error_description:
        error === 'invalid_grant' ? 'Token has been expired or revoked.' : description,
    },
  }),
  revocationByAnyone: true,
  revoked: { json: {} },
  revokedBefore: {
    status: 400,
    json: { error: 'invalid_token', error_description: 'Token expired or revoked' },
  },
  unauthorized: {
    status: 401,
    json: {
      error: {
        code: 401,
        message: 'Request had invalid authentication credentials.',
        status: 'UNAUTHENTICATED',
      },
    },
  },
};
