import {
  AuthorizationRequiredError,
  ConfigurationError,
  MemoryTokenStore,
  type OAuthSession,
  type TokenKey,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

interface Answer {
  subject: string;
  scope: string[];
  token: string;
}

async function answer(session: OAuthSession, path = '/me'): Promise<Answer> {
  return (await firstValueFrom(session.get<Answer>(path))).data;
}

describe('for()', () => {
  it.each([
    ['an empty text', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 42],
    ['an object', { id: 'alice' }],
    ['a list', ['alice']],
  ])('refuses %s at once', async (_what, subject) => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const error = await failure(() => crm.for(subject as unknown as string), ConfigurationError);
    expect(error.client).toBe('client');
    expect(error.message).toMatch(/for\(\) was given .*Pass the identifier of the user/);
  });

  it('is refused on a client that acts for itself', async () => {
    const server = await startServer();
    const billing = await bootClient(machineClient(server));
    const error = await failure(() => billing.for('user@corp'), ConfigurationError);
    expect(error.message).toMatch(/acts for the client itself.*without for\(\)/);
  });

  it('gives a session that says whose it is', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server, { scope: ['read'] }));
    expect(crm.subject).toBe('');
    expect(crm.for('alice')).toMatchObject({ subject: 'alice', clientName: 'client' });
    expect(crm.for('alice').for('bob').subject).toBe('bob');
    expect(crm.for('alice').scope).toEqual(['read']);
  });
});

describe('a user client without for()', () => {
  it.each<[string, (session: OAuthSession) => Promise<unknown>]>([
    ['get', (crm) => firstValueFrom(crm.get('/'))],
    ['post', (crm) => firstValueFrom(crm.post('/', {}))],
    ['request', (crm) => firstValueFrom(crm.request({ url: '/' }))],
    ['with', (crm) => firstValueFrom(crm.with({ scope: ['more'] }).get('/'))],
    ['axiosRef', async (crm) => crm.axiosRef.get('/')],
    ['fetchToken', (crm) => crm.fetchToken()],
    ['refreshToken', (crm) => crm.refreshToken()],
    ['revokeToken', (crm) => crm.revokeToken()],
    ['token', (crm) => crm.token()],
    ['setToken', (crm) => crm.setToken({ access_token: 'a' })],
    ['clearToken', (crm) => crm.clearToken()],
    ['accessToken', (crm) => crm.accessToken()],
    ['authorized', (crm) => crm.authorized()],
    ['authorizationUrl', (crm) => crm.authorizationUrl()],
  ])('refuses %s, and nothing is sent or stored', async (_method, use) => {
    const server = await startServer();
    const store = new MemoryTokenStore();
    const crm = await bootClient(userClient(server), { store });
    await connectUser(crm, server, 'alice');
    const error = await failure(() => use(crm), ConfigurationError);
    expect(error.message).toMatch(/no user was named.*for\(userId\).*shared/);
    expect(server.journal.count()).toBe(0);
    expect(await keysOf(store)).toEqual([{ client: 'client', subject: 'alice' }]);
  });

  it('refuses a verb as an error of its Observable, not before somebody subscribes', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const errors: unknown[] = [];
    const call = crm.get('/');
    await new Promise<void>((resolve) => {
      call.subscribe({
        error: (error: unknown) => {
          errors.push(error);
          resolve();
        },
      });
    });
    expect(errors).toEqual([expect.any(ConfigurationError)]);
  });

  it('needs no for() when it is shared', async () => {
    const server = await startServer();
    const company = await bootClient(userClient(server, { shared: true }));
    expect(await company.authorized()).toBe(false);
    await failure(firstValueFrom(company.get('/')), AuthorizationRequiredError);
    const { url } = await company.authorizationUrl({ binding: 'browser' });
    await company.completeAuthorization({
      authorizationResponse: await server.authorize(url, { subject: 'admin' }),
      binding: 'browser',
    });
    expect((await answer(company)).subject).toBe('admin');
    expect((await company.axiosRef.get('/me')).status).toBe(200);
    expect(await company.authorized()).toBe(true);
    server.expireAccessTokens();
    await company.refreshToken();
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
    await company.clearToken();
    expect(await company.token()).toBeUndefined();
  });
});

describe('many subjects', () => {
  it('have a token each, thousands of them at once', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const users = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);
    await Promise.all(users.map((user) => connectUser(crm, server, user)));
    const answers = await Promise.all(users.map((user) => answer(crm.for(user))));
    expect(answers.map(({ subject }) => subject)).toEqual(users);
    expect(server.journal.tokenRequests()).toHaveLength(0);
  });

  it('are renewed each for itself, from expired tokens all at once', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    await Promise.all(
      users.map((user) => crm.for(user).setToken(expired(server, { subject: user }))),
    );
    const answers = await Promise.all([...users, ...users].map((user) => answer(crm.for(user))));
    expect(answers.map(({ subject }) => subject)).toEqual([...users, ...users]);
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(users.length);
  });

  it('may be called anything, and are never taken for each other', async () => {
    const server = await startServer();
    const store = new MemoryTokenStore();
    const crm = await bootClient(userClient(server), { store });
    const subjects = [
      'a:b', 'a', ':', '::', '1:a', '5:a:b1:c', '{a}', '{', '/', '../a', 'a/b', 'a\nb', 'a\r\n',
      '\n', '\u0000', ' ', 'a ', 'A', 'ä', 'a\u0308', '💥', '__proto__', 'constructor', '%41',
      'x'.repeat(5_000),
    ]; // prettier-ignore
    for (const subject of subjects) await connectUser(crm, server, subject);
    const answers = await Promise.all(subjects.map((subject) => answer(crm.for(subject))));
    expect(answers.map(({ subject }) => subject)).toEqual(subjects);
    await crm.for('a').clearToken();
    expect((await keysOf(store)).map(({ subject }) => subject)).toEqual(
      subjects.filter((subject) => subject !== 'a'),
    );
    await failure(answer(crm.for('a')), AuthorizationRequiredError);
  });

  it('keep their own events and tokens apart', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const heard: string[] = [];
    crm.for('alice').events$.subscribe(({ subject, type }) => heard.push(`${subject} ${type}`));
    await connectUser(crm, server, 'alice');
    await connectUser(crm, server, 'bob');
    await crm.for('bob').clearToken();
    expect(heard).toEqual(['alice stored']);
    expect(await crm.for('alice').authorized()).toBe(true);
    expect(await crm.for('bob').authorized()).toBe(false);
  });
});

/** A token of the server's that has ended a minute ago, by what it says itself. */
function expired(
  server: FakeAuthorizationServer,
  issue: Parameters<FakeAuthorizationServer['issueTokens']>[0],
) {
  return { ...server.issueTokens(issue), expires_at: Math.floor(Date.now() / 1000) - 60 };
}

async function keysOf(store: MemoryTokenStore): Promise<TokenKey[]> {
  const keys: TokenKey[] = [];
  for await (const key of store.keys({})) keys.push(key);
  return keys;
}
