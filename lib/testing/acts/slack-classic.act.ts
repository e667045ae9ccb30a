import type { ProviderAct } from '../fake-authorization-server.act.js';
import { slack } from './slack.act.js';

/** Slack's classic apps: tokens without end, which may come in the form or the address. */
export const slackClassic: ProviderAct = {
  documentation: [
    'https://docs.slack.dev/reference/methods/oauth.access',
    'https://docs.slack.dev/legacy/legacy-authentication',
  ],
  success: ({ access_token, scope = '' }) => ({
    json: {
      ok: true,
      access_token,
      scope: scope.replaceAll(' ', ','),
      user_id: 'U1234',
      team_id: 'TXXXXXXXXX',
      team_name: 'Slack Pickleball Team',
    },
  }),
  failure: slack.failure!,
  apiToken: ({ form, query }) => form.get('token') ?? query.get('token') ?? undefined,
  unauthorized: { json: { ok: false, error: 'invalid_auth' } },
};
