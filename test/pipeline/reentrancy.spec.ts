import { describe, expect, it } from 'vitest';
import { firstValueFrom } from 'rxjs';
import { ReentrantTokenRequestError, type OAuthSession } from 'nestjs-oauth-client';
import { bootClient, connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

describe('a hook that asks for the token that is being acquired', () => {
  const ways: [string, (session: OAuthSession) => Promise<unknown>][] = [
    ['a call', (session) => firstValueFrom(session.get('/things'))],
    ['accessToken()', (session) => session.accessToken()],
    ['refreshToken()', (session) => session.refreshToken()],
    ['fetchToken()', (session) => session.fetchToken({ code: 'x' })],
  ];

  it.each(ways)('gets an error instead of waiting for itself: %s', async (_way, ask) => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const alice = await connectUser(crm, server, 'alice');
    const asked: unknown[] = [];
    crm.registerComplianceHook('refresh_token_request', async (request) => {
      asked.push(await failure(ask(alice), ReentrantTokenRequestError));
      return request;
    });
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -1 });
    await alice.refreshToken();
    expect(asked).toHaveLength(1);
  });
});
