import type { ProviderAct } from '../fake-authorization-server.act.js';

/** Discord: tokens of 7 days, rotation. */
export const discord: ProviderAct = {
  documentation: [
    'https://docs.discord.com/developers/topics/oauth2',
    'https://docs.discord.com/developers/topics/opcodes-and-status-codes',
  ],
  policy: { rotation: 'strict', accessTokenSeconds: 604_800 },
  revoked: { json: {} },
  unauthorized: { status: 401, json: { message: '401: Unauthorized', code: 0 } },
};
