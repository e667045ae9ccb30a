import {
  MemoryTokenStore,
  OAuthClientRegistry,
  type OAuthSession,
  type TokenEvent,
  type TokenSet,
  type TokenStore,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  bootClient,
  bootClients,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { leaks } from '../support/leaks.js';

let server: FakeAuthorizationServer;
let client: OAuthSession;
let alice: OAuthSession;

beforeEach(async () => {
  server = await startServer();
  client = await bootClient(userClient(server));
  alice = client.for('alice');
});

/** Everything that a stream says, until the test ends. */
function heard<T>(stream: Observable<T>): T[] {
  const values: T[] = [];
  const subscription = stream.subscribe((value) => values.push(value));
  onTestFinished(() => subscription.unsubscribe());
  return values;
}

const names = (tokens: (TokenSet | undefined)[]) => tokens.map((token) => token?.accessToken);
const newToken = (access_token: string) => ({ access_token, token_type: 'Bearer' });

describe('token$', () => {
  it('says the token now, then each change: set, renewed, cleared', async () => {
    const tokens = heard(alice.token$);
    await expect.poll(() => tokens).toEqual([undefined]);
    await connectUser(client, server, 'alice');
    const connected = (await alice.token())!.accessToken;
    await expect.poll(() => names(tokens)).toEqual([undefined, connected]);
    const renewed = (await alice.refreshToken()).accessToken;
    await expect.poll(() => names(tokens)).toEqual([undefined, connected, renewed]);
    await alice.clearToken();
    await expect.poll(() => names(tokens)).toEqual([undefined, connected, renewed, undefined]);
  });

  it('says to each who listens what is true when they begin to', async () => {
    await alice.setToken(newToken('first'));
    const { token$ } = alice;
    expect((await firstValueFrom(token$))?.accessToken).toBe('first');
    await alice.setToken(newToken('second'));
    expect((await firstValueFrom(token$))?.accessToken).toBe('second');
  });

  it('says nothing twice: a change that changes nothing is none', async () => {
    const store = new MemoryTokenStore();
    client = await bootClient(userClient(server), { store });
    alice = client.for('alice');
    const token = await alice.setToken(newToken('same'));
    const tokens = heard(alice.token$);
    await expect.poll(() => tokens).toHaveLength(1);
    const key = { client: 'client', subject: 'alice' };
    await store.set(key, token.toRecord());
    await store.set(key, { ...token.toRecord() });
    await alice.clearToken();
    await expect.poll(() => names(tokens)).toEqual(['same', undefined]);
    await alice.clearToken();
    await alice.setToken(newToken('other'));
    await expect.poll(() => names(tokens)).toEqual(['same', undefined, 'other']);
  });

  it("says nothing of other subjects' tokens, nor of those of variants", async () => {
    const tokens = heard(alice.token$);
    await client.for('bob').setToken(newToken('of bob'));
    await client.for('alice\u0000').setToken(newToken('of nobody'));
    await alice.with({ scope: ['read'] }).setToken(newToken('of a variant'));
    await alice.setToken(newToken('of alice'));
    await expect.poll(() => names(tokens)).toEqual([undefined, 'of alice']);
  });

  it('tells what another application on the same store has done', async () => {
    const store = new MemoryTokenStore();
    const options = { clients: { client: userClient(server) }, store };
    const [here, there] = [await bootClients(options), await bootClients(options)];
    const tokens = heard(here.get('client').for('alice').token$);
    await expect.poll(() => tokens).toEqual([undefined]);
    const other = there.get('client').for('alice');
    await other.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    await expect.poll(() => tokens.length).toBe(2);
    const renewed = await other.refreshToken();
    await expect.poll(() => tokens.at(-1)?.accessToken).toBe(renewed.accessToken);
    await other.clearToken();
    await expect.poll(() => tokens.at(-1)).toBeUndefined();
    expect(await here.get('client').for('alice').authorized()).toBe(false);
  });

  it('works with a store that tells of no changes', async () => {
    const memory = new MemoryTokenStore();
    const store: TokenStore = {
      get: (key) => memory.get(key),
      set: (key, record) => memory.set(key, record),
      delete: (key) => memory.delete(key),
    };
    client = await bootClient(userClient(server), { store });
    alice = client.for('alice');
    const tokens = heard(alice.token$);
    await connectUser(client, server, 'alice');
    const renewed = await alice.refreshToken();
    await alice.clearToken();
    await expect.poll(() => tokens).toHaveLength(4);
    expect(names(tokens)[2]).toBe(renewed.accessToken);
    expect(tokens[3]).toBeUndefined();
  });

  it('demands a user on a client that acts for users', () => {
    expect(() => client.token$).toThrow('for(userId)');
  });
});

describe('events$', () => {
  it('of a user are that user’s alone, and of the client everybody’s', async () => {
    const registry = await bootClients({
      clients: { client: userClient(server), other: machineClient(server) },
    });
    client = registry.get('client');
    const ofAlice = heard(client.for('alice').events$);
    const ofClient = heard(client.events$);
    const ofAll = heard(registry.events$);
    await client.for('alice').setToken(newToken('a'));
    await client.for('bob').setToken(newToken('b'));
    await registry.get('other').accessToken();
    const subjects = (events: TokenEvent[]) => events.map((event) => event.subject);
    expect(subjects(ofAlice)).toEqual(['alice']);
    expect(subjects(ofClient)).toEqual(['alice', 'bob']);
    expect(ofAll.map((event) => `${event.client} ${event.type}`)).toEqual([
      'client stored',
      'client stored',
      'other fetched',
    ]);
    expect(registry).toBeInstanceOf(OAuthClientRegistry);
  });

  it('say what happened, when, to which token, and no secret', async () => {
    const now = 1_800_000_000_000;
    client = await bootClient(userClient(server), { clock: { now: () => now } });
    alice = client.for('alice');
    const events = heard(alice.events$);
    await connectUser(client, server, 'alice');
    const before = (await alice.token())!;
    const renewed = await alice.refreshToken();
    server.next('token').respondJson(400, { error: 'unauthorized_client' });
    await expect(alice.refreshToken()).rejects.toThrow('unauthorized_client');
    server.revokeFamily('alice');
    await expect(alice.refreshToken()).rejects.toMatchObject({ code: 'authorization_required' });
    await alice.setToken(newToken('again'));
    await alice.clearToken();
    await alice.clearToken();
    const who = { client: 'client', subject: 'alice', at: now };
    const expiresAt = now / 1000 + 3600;
    expect(events).toEqual([
      { ...who, type: 'stored', fingerprint: before.fingerprint, expiresAt },
      expect.objectContaining({
        ...who,
        type: 'refreshed',
        fingerprint: renewed.fingerprint,
        expiresAt,
        attempts: 1,
      }),
      expect.objectContaining({
        ...who,
        type: 'refresh_failed',
        error: 'unauthorized_client',
        final: true,
      }),
      expect.objectContaining({
        ...who,
        type: 'reauthorization_required',
        reason: 'grant_revoked',
      }),
      { ...who, type: 'stored', fingerprint: expect.stringMatching(/^\w{8}$/) as string },
      { ...who, type: 'cleared' },
    ]);
    const { refreshToken = '', accessToken } = before;
    const secrets = { accessToken, refreshToken, renewed: renewed.accessToken };
    expect(leaks(events, secrets)).toEqual([]);
  });
});

describe('what a session knows without the server', () => {
  it('token() is the token as it is stored, expired or not, and renews nothing', async () => {
    expect(await alice.token()).toBeUndefined();
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -10 });
    expect((await alice.token())?.isExpired()).toBe(true);
    expect(server.journal.count()).toBe(0);
  });

  it('authorized() is whether a call would work without the user', async () => {
    const issued = { ...server.issueTokens({ subject: 'alice' }) };
    expect(await alice.authorized()).toBe(false);
    await alice.setToken({ ...issued, refresh_token: undefined });
    expect(await alice.authorized()).toBe(true);
    await alice.setToken({ ...issued, refresh_token: undefined, expires_in: -10 });
    expect(await alice.authorized()).toBe(false);
    await alice.setToken({ ...issued, expires_in: -10 });
    expect(await alice.authorized()).toBe(true);
    expect(await alice.with({ scope: ['read'] }).authorized()).toBe(true);
    await alice.clearToken();
    expect(await alice.authorized()).toBe(false);
    expect(await (await bootClient(machineClient(server))).authorized()).toBe(true);
    expect(server.journal.count()).toBe(0);
  });

  it('accessToken() is valid now, renewed if that is needed', async () => {
    await connectUser(client, server, 'alice');
    const stored = (await alice.token())!;
    expect(await alice.accessToken()).toBe(stored.accessToken);
    expect(server.journal.count()).toBe(0);
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -10 });
    expect(server.isLive(await alice.accessToken())).toBe(true);
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
  });
});
