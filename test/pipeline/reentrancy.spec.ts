import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { firstValueFrom } from 'rxjs';
import { ReentrantTokenRequestError, type OAuthSession } from 'nestjs-oauth-client';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
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

describe('an application without hooks, handlers and interceptors', () => {
  it('never enters an async context, which Node before 24 makes every promise pay for', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const machine = await bootClient(machineClient(server));
    const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
    const alice = await connectUser(crm, server, 'alice');
    await alice.refreshToken();
    await firstValueFrom(alice.get('/things'));
    await firstValueFrom(machine.get('/things'));
    expect(run).not.toHaveBeenCalled();
    crm.registerComplianceHook('refresh_token_request', (request) => request);
    await alice.refreshToken();
    expect(run).toHaveBeenCalledOnce();
  });
});
