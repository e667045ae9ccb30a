import { inspect } from 'node:util';
import {
  MemoryAuthorizationRequestStore,
  type AuthorizationRequestRecord,
} from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';

function request(changes: Partial<AuthorizationRequestRecord> = {}): AuthorizationRequestRecord {
  return {
    client: 'client',
    subject: 'alice',
    codeVerifier: 'a-secret-verifier',
    scope: ['read'],
    createdAt: 1_700_000_000_000,
    ...changes,
  };
}

const SHORT_MS = 100;

/** Waits until what was saved for so long is over: until a state that was saved now may come again. */
async function passed(store: MemoryAuthorizationRequestStore, ttlMs: number): Promise<void> {
  await store.save('clock', request(), ttlMs);
  await vi.waitFor(async () => expect(await store.save('clock', request(), ttlMs)).toBe(true), {
    interval: 5,
    timeout: 5_000,
  });
}

describe('a MemoryAuthorizationRequestStore', () => {
  it('gives a request back as it was saved, once', async () => {
    const store = new MemoryAuthorizationRequestStore();
    expect(await store.save('state', request(), 60_000)).toBe(true);
    expect(await store.take('state')).toEqual(request());
    expect(await store.take('state')).toBeUndefined();
  });

  it('gives a request to one of many who take it at once', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('state', request(), 60_000);
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.take('state')));
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('keeps states apart', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('one', request({ subject: 'alice' }), 60_000);
    await store.save('two', request({ subject: 'bob' }), 60_000);
    expect((await store.take('two'))?.subject).toBe('bob');
    expect((await store.take('one'))?.subject).toBe('alice');
    expect(await store.take('three')).toBeUndefined();
  });

  it('refuses a state that is pending, and keeps the first request', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('state', request(), 60_000);
    expect(await store.save('state', request({ subject: 'mallory' }), 60_000)).toBe(false);
    expect((await store.take('state'))?.subject).toBe('alice');
  });

  it('refuses a state that was taken, for as long as it could be replayed', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('state', request(), SHORT_MS);
    await store.take('state');
    expect(await store.save('state', request(), 60_000)).toBe(false);
    await passed(store, SHORT_MS);
    expect(await store.save('state', request(), 60_000)).toBe(true);
  });

  it('forgets a request once its time is over', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('state', request(), SHORT_MS);
    await store.save('later', request(), 60_000);
    await passed(store, SHORT_MS);
    expect(await store.take('state')).toBeUndefined();
    expect(await store.take('later')).toBeDefined();
  });

  it('holds no more than it may: the oldest request goes first', async () => {
    const store = new MemoryAuthorizationRequestStore({ maxEntries: 3 });
    for (const state of ['a', 'b', 'c', 'd']) await store.save(state, request(), 60_000);
    expect(await store.take('a')).toBeUndefined();
    for (const state of ['b', 'c', 'd']) expect(await store.take(state)).toBeDefined();
  });

  it('is not changed through what was given or returned', async () => {
    const store = new MemoryAuthorizationRequestStore();
    const scope = ['read'];
    await store.save('state', request({ scope }), 60_000);
    scope.push('admin');
    const taken = await store.take('state');
    expect(taken?.scope).toEqual(['read']);
    expect(Object.isFrozen(taken)).toBe(true);
  });

  it('shows no request when it is printed', async () => {
    const store = new MemoryAuthorizationRequestStore();
    await store.save('state', request(), 60_000);
    expect(inspect(store, { depth: 10, showHidden: true })).not.toContain('a-secret-verifier');
  });
});
