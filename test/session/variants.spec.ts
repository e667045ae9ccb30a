import {
  AuthorizationRequiredError,
  MemoryTokenStore,
  type OAuthSession,
  type TokenKey,
} from 'nestjs-oauth-client';
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

describe('with()', () => {
  async function connected() {
    const server = await startServer();
    const store = new MemoryTokenStore();
    const crm = await bootClient(userClient(server, { scope: ['read', 'write'] }), { store });
    const alice = await connectUser(crm, server, 'alice', { scope: ['read', 'write'] });
    return { server, store, crm, alice };
  }

  it('keeps the subject and gets a token of its own, for its own scope', async () => {
    const { server, alice } = await connected();
    const reader = alice.with({ scope: ['read'] });
    expect(reader).toMatchObject({ subject: 'alice', scope: ['read'] });
    const [all, read] = [await answer(alice), await answer(reader)];
    expect(all).toMatchObject({ subject: 'alice', scope: ['read', 'write'] });
    expect(read).toMatchObject({ subject: 'alice', scope: ['read'] });
    expect(read.token).not.toBe(all.token);
    await answer(reader);
    await answer(alice.with({ scope: ['read'] }));
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('leaves the one refresh token in the record of the grant, the rotated one, too', async () => {
    const { server, store, alice } = await connected();
    const before = (await alice.token())?.refreshToken;
    await answer(alice.with({ scope: ['read'] }));
    const records = await Promise.all(
      (await keysOf(store)).map(async (key) => ({ key, record: await store.get(key) })),
    );
    const withRefreshToken = records.filter(({ record }) => record?.refreshToken !== undefined);
    expect(records).toHaveLength(2);
    expect(withRefreshToken.map(({ key }) => key)).toEqual([
      { client: 'client', subject: 'alice' },
    ]);
    const after = withRefreshToken[0]?.record?.refreshToken ?? '';
    // By which a store knows for how long the grant is of use.
    expect(withRefreshToken[0]?.record?.refreshObtainedAt).toBeTypeOf('number');
    expect(after).not.toBe(before);
    expect(server.isLive(after)).toBe(true);
    await alice.refreshToken();
    expect(server.journal.entries('token').some(({ replay }) => replay === true)).toBe(false);
  });

  it('is not merged with another scope that is asked for at the same time', async () => {
    const { server, alice } = await connected();
    const answers = await Promise.all([
      answer(alice.with({ scope: ['read'] })),
      answer(alice.with({ scope: ['write'] })),
      answer(alice.with({ scope: ['read'] })),
      answer(alice),
    ]);
    expect(answers.map(({ scope }) => scope)).toEqual([
      ['read'],
      ['write'],
      ['read'],
      ['read', 'write'],
    ]);
    expect(new Set(answers.map(({ token }) => token)).size).toBe(3);
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(2);
    expect(server.journal.entries('token').some(({ replay }) => replay === true)).toBe(false);
  });

  it('ends with the grant: clearing that clears it, too', async () => {
    const { store, alice } = await connected();
    const reader = alice.with({ scope: ['read'] });
    await answer(reader);
    await alice.clearToken();
    expect(await keysOf(store)).toEqual([]);
    await failure(answer(reader), AuthorizationRequiredError);
    expect(await reader.token()).toBeUndefined();
  });

  it('ends with the grant: a token that is set for that makes it come anew', async () => {
    const { server, alice } = await connected();
    const reader = alice.with({ scope: ['read'] });
    const before = await answer(reader);
    await alice.setToken({ ...server.issueTokens({ subject: 'alice', scope: 'read write' }) });
    expect(await reader.token()).toBeUndefined();
    expect((await answer(reader)).token).not.toBe(before.token);
  });

  it('works for a client that acts for itself', async () => {
    const server = await startServer();
    const billing = await bootClient(machineClient(server, { scope: ['read'] }));
    expect((await answer(billing.with({ scope: ['write'] }))).scope).toEqual(['write']);
    expect((await answer(billing)).scope).toEqual(['read']);
    expect(server.journal.tokenRequests('client_credentials')).toHaveLength(2);
  });
});

async function keysOf(store: MemoryTokenStore): Promise<TokenKey[]> {
  const keys: TokenKey[] = [];
  for await (const key of store.keys({})) keys.push(key);
  return keys;
}
