import {
  MemoryAuthorizationRequestStore,
  MemoryTokenStore,
  TokenStoreError,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { EncryptedAuthorizationRequestStore } from '../../lib/store/encrypted.authorization-request-store.js';
import type { EncryptedTokenStoreOptions } from '../../lib/store/encrypted.options.js';
import { EncryptedTokenStore } from '../../lib/store/encrypted.token-store.js';
import { bootClient, startServer, userClient } from '../support/application.js';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';
import { newKey } from './encrypted.fixtures.js';

const MODES: Record<string, Partial<EncryptedTokenStoreOptions>> = {
  'subjects in clear': {},
  'hashed subjects': { hashSubjects: { key: newKey() } },
};

describe('sessions on an EncryptedTokenStore', () => {
  for (const [name, mode] of Object.entries(MODES)) {
    it(`renew once for two replicas, with ${name}`, async () => {
      const [inner, keys] = [new MemoryTokenStore(), [newKey()]];
      const replica = () => new EncryptedTokenStore(inner, { keys, ...mode });
      const bench = await RenewalBench.start();
      const one = await bench.user({}, { store: replica() });
      const two = await bench.user({}, { store: replica(), token: false });
      for (let cycle = 1; cycle <= 5; cycle += 1) {
        bench.expire();
        const counts = await Promise.all([calls(one, 25), calls(two, 25)]);
        expect(counts).toEqual([{ 200: 25 }, { 200: 25 }]);
        expect(bench.tokenRequests).toBe(cycle);
      }
    });

    it(`hear of a token that another replica has set, with ${name}`, async () => {
      const [inner, keys] = [new MemoryTokenStore(), [newKey()]];
      const replica = () => new EncryptedTokenStore(inner, { keys, ...mode });
      const bench = await RenewalBench.start();
      const one = await bench.user({}, { store: replica() });
      const two = await bench.user({}, { store: replica(), token: false });
      expect(await call(two)).toBe(200);
      const next = await one.setToken(bench.issue());
      expect(await two.accessToken()).toBe(next.accessToken);
      await one.clearToken();
      expect(await two.token()).toBeUndefined();
    });
  }

  it('spend nothing in a replica that does not decrypt, and lose no grant there', async () => {
    const inner = new MemoryTokenStore();
    const bench = await RenewalBench.start();
    const store = new EncryptedTokenStore(inner, { keys: [newKey()] });
    const session = await bench.user({}, { store });
    bench.expire();
    const other = new EncryptedTokenStore(inner, { keys: [newKey()] });
    for (const replica of [inner, other]) {
      const without = await bench.user({}, { store: replica, token: false });
      await failure(without.accessToken(), TokenStoreError);
      await failure(without.refreshToken(), TokenStoreError);
      await failure(without.with({ scope: ['other'] }).accessToken(), TokenStoreError);
    }
    expect(bench.tokenRequests).toBe(0);
    expect(await call(session)).toBe(200);
  });

  it('connect a user whose pending request is encrypted', async () => {
    const server = await startServer();
    const session = await bootClient(userClient(server), {
      store: new EncryptedTokenStore(new MemoryTokenStore(), { keys: [newKey()] }),
      authorizationRequestStore: new EncryptedAuthorizationRequestStore(
        new MemoryAuthorizationRequestStore(),
        { keys: [newKey()] },
      ),
    });
    const alice = session.for('alice');
    const flow = { binding: 'browser', returnTo: '/settings' };
    const authorizationResponse = await callbackOf(alice, server, flow);
    const { subject, returnTo } = await session.completeAuthorization({
      authorizationResponse,
      binding: 'browser',
    });
    expect([subject, returnTo]).toEqual(['alice', '/settings']);
    expect(await call(alice)).toBe(200);
  });
});
