import {
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  MismatchingStateError,
  type AuthorizationRequestStore,
  type OAuthClientModuleOptions,
  type OAuthClientRegistry,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClients, startServer, userClient } from '../support/application.js';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let registry: OAuthClientRegistry;
let client: OAuthSession;
let alice: OAuthSession;

async function boot(more: Partial<OAuthClientModuleOptions> = {}): Promise<void> {
  const options = { ...userClient(server), issuer: server.issuer };
  registry = await bootClients({ clients: { client: options, other: options }, ...more });
  client = registry.get('client');
  alice = client.for('alice');
}

beforeEach(async () => {
  server = await startServer();
  await boot();
});

const callback = (binding?: string, change?: (url: URL) => void): Promise<string> =>
  callbackOf(alice, server, {
    ...(binding !== undefined && { binding }),
    ...(change && { change }),
  });

/** Nothing was stored for alice, and no code was sent. */
async function expectNothingCame(): Promise<void> {
  expect(await alice.token()).toBeUndefined();
  expect(server.journal.count('token')).toBe(0);
}

describe('the state of a callback', () => {
  it('works once', async () => {
    const authorizationResponse = await callback();
    await alice.completeAuthorization({ authorizationResponse });
    const again = alice.completeAuthorization({ authorizationResponse });
    await failure(again, MismatchingStateError);
    expect(server.journal.count('token')).toBe(1);
    expect(await alice.authorized()).toBe(true);
  });

  it('works once, even for two callbacks at the same moment', async () => {
    const authorizationResponse = await callback();
    const both = [1, 2].map(() => alice.completeAuthorization({ authorizationResponse }));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(server.journal.count('token')).toBe(1);
  });

  it.each([
    ['is missing', (url: URL) => url.searchParams.delete('state')],
    ['is empty', (url: URL) => url.searchParams.set('state', '')],
    ['was never sent', (url: URL) => url.searchParams.set('state', 'made-up')],
  ])('is refused when it %s', async (_what, change) => {
    const authorizationResponse = await callback(undefined, change);
    await failure(alice.completeAuthorization({ authorizationResponse }), MismatchingStateError);
    await expectNothingCame();
  });

  it('is refused after ten minutes, by the clock of the module', async () => {
    let now = Date.now();
    await boot({ clock: { now: () => now } });
    const [inTime, late] = [await callback(), await callback()];
    now += 10 * 60 * 1000 - 1;
    await alice.completeAuthorization({ authorizationResponse: inTime });
    now += 1;
    const call = alice.completeAuthorization({ authorizationResponse: late });
    await failure(call, MismatchingStateError);
  });

  it('is kept by the store for as long as that, too', async () => {
    const asked: number[] = [];
    const memory = new MemoryAuthorizationRequestStore();
    const authorizationRequestStore: AuthorizationRequestStore = {
      save: (hash, request, ttlMs) => {
        asked.push(ttlMs);
        return memory.save(hash, request, ttlMs);
      },
      take: (hash) => memory.take(hash),
    };
    await boot({ authorizationRequestStore });
    await callback();
    expect(asked).toEqual([10 * 60 * 1000]);
  });

  it.each([
    ['another client', () => registry.get('other').for('alice')],
    ['another subject', () => client.for('bob')],
  ])('is refused on a session of %s, and spent', async (_whose, session) => {
    const authorizationResponse = await callback();
    const call = session().completeAuthorization({ authorizationResponse });
    await failure(call, MismatchingStateError);
    const after = alice.completeAuthorization({ authorizationResponse });
    await failure(after, MismatchingStateError);
    await expectNothingCame();
    expect(await session().token()).toBeUndefined();
  });
});

describe('the browser of a callback', () => {
  it('is the one that the flow was begun in', async () => {
    const authorizationResponse = await callback('browser-1');
    await alice.completeAuthorization({ authorizationResponse, binding: 'browser-1' });
    expect(await alice.authorized()).toBe(true);
  });

  it.each([
    ['another one', 'browser-2'],
    ['one that says nothing', undefined],
    ['one that says an empty text', ''],
    ['one that says no text', 7 as never],
  ])('is refused when it is %s, and the flow is spent', async (_what, binding) => {
    const authorizationResponse = await callback('browser-1');
    const given = { authorizationResponse, ...(binding !== undefined && { binding }) };
    await failure(alice.completeAuthorization(given), MismatchingStateError);
    const right = alice.completeAuthorization({ authorizationResponse, binding: 'browser-1' });
    await failure(right, MismatchingStateError);
    await expectNothingCame();
  });

  it('cannot be shown for a flow that was begun without one', async () => {
    const authorizationResponse = await callback();
    const call = alice.completeAuthorization({ authorizationResponse, binding: 'browser-1' });
    await failure(call, MismatchingStateError);
  });

  it.each(['', null, 7])('ties nothing when it is %j, which is refused', async (binding) => {
    const call = alice.authorizationUrl({ binding: binding as string });
    expect((await failure(call, ConfigurationError)).message).toContain('binding');
  });
});

describe("the client's own session", () => {
  it('takes the subject from the flow, and its session comes back', async () => {
    const authorizationResponse = await callback('browser-1');
    const completed = await client.completeAuthorization({
      authorizationResponse,
      binding: 'browser-1',
    });
    expect(completed.subject).toBe('alice');
    expect(completed.session.subject).toBe('alice');
    expect((await alice.token())?.accessToken).toBe(completed.token.accessToken);
  });

  it('demands that the flow was begun with a binding', async () => {
    const authorizationResponse = await callback();
    const call = client.completeAuthorization({ authorizationResponse });
    expect((await failure(call, MismatchingStateError)).message).toContain('binding');
    await expectNothingCame();
  });
});

describe('several flows at once', () => {
  it('end well in any order: tabs and users', async () => {
    const bob = client.for('bob');
    const begun = await Promise.all(
      [alice, bob, alice, bob].map((session) => session.authorizationUrl({ binding: 'b' })),
    );
    const callbacks = await Promise.all(
      begun.map(({ url }, at) => server.authorize(url, { subject: at % 2 ? 'bob' : 'alice' })),
    );
    for (const at of [3, 0, 2, 1]) {
      const authorizationResponse = callbacks[at]!;
      const { subject } = await client.completeAuthorization({
        authorizationResponse,
        binding: 'b',
      });
      expect(subject).toBe(at % 2 ? 'bob' : 'alice');
    }
    expect(server.journal.tokenRequests('authorization_code')).toHaveLength(4);
    expect((await alice.token())?.accessToken).not.toBe((await bob.token())?.accessToken);
  });
});
