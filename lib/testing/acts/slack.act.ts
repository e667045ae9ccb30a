import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Slack: always status 200, errors by `ok`, the user's own token one level down, rotation. */
export const slack: ProviderAct = {
  documentation: [
    'https://docs.slack.dev/reference/methods/oauth.v2.access',
    'https://docs.slack.dev/authentication/using-token-rotation',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 43_200 },
  success: (standard) => ({
    json: {
      ok: true,
      app_id: 'A0KRD7HC3',
      authed_user: { id: 'U1234' },
      scope: standard.scope ?? '',
      token_type: 'bot',
      access_token: standard.access_token,
      bot_user_id: 'U0KRQLJ9H',
      refresh_token: standard.refresh_token,
      expires_in: standard.expires_in,
      team: { id: 'T9TK3CUKW', name: 'Slack Pickleball Team' },
      enterprise: null,
      is_enterprise_install: false,
    },
  }),
  failure: ({ error, description }) => ({
    json: { ok: false, error: ERRORS[description] ?? ERRORS[error] ?? error },
  }),
  unauthorized: { json: { ok: false, error: 'token_expired' } },
};

const ERRORS: Readonly<Record<string, string>> = {
  'The code was used before': 'code_already_used',
  'The code is not known': 'invalid_code',
  invalid_grant: 'invalid_refresh_token',
  invalid_client: 'bad_client_secret',
};

/** As {@link slack}, with the user's own token one level down; at the top at a renewal. */
export const slackUser: ProviderAct = {
  ...slack,
  success: (standard, { grantType }) => {
    const { access_token, refresh_token, expires_in } = standard;
    const own = {
      scope: 'chat:write',
      token_type: 'user',
      access_token,
      refresh_token,
      expires_in,
    };
    const rest = { ok: true, app_id: 'A0KRD7HC3', team: { id: 'T9TK3CUKW', name: 'Slack' } };
    return grantType === 'refresh_token'
      ? { json: { ...rest, ...own, user_id: 'U1234' } }
      : { json: { ...rest, authed_user: { id: 'U1234', ...own } } };
  },
};
