import {
  AuthorizationRequiredError,
  MemoryTokenStore,
  ReentrantTokenRequestError,
  type Lease,
  type TokenKey,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootClients,
  bootClient,
  connectUser,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

/** Counts the leases it grants; with `forgetful`, a holder is told that its lease is gone. */
class LeaseCountingStore extends MemoryTokenStore {
  granted = 0;

  constructor(private readonly forgetful = false) {
    super();
  }

  override async acquireLease(key: TokenKey, ttlMs: number): Promise<Lease | undefined> {
    const lease = await super.acquireLease(key, ttlMs);
    if (!lease) return undefined;
    this.granted += 1;
    return this.forgetful ? { ...lease, renew: async () => false } : lease;
  }
}

describe('a lease', () => {
  it('is given back when only the user can help, so that the next call does not wait', async () => {
    const server = await startServer();
    const store = new LeaseCountingStore();
    const registry = await bootClients({ store, clients: { crm: userClient(server) } });
    const stranger = registry.get('crm').for('stranger');
    const startedAt = performance.now();
    for (let call = 0; call < 3; call += 1) {
      await failure(stranger.accessToken(), AuthorizationRequiredError);
    }
    expect(store.granted).toBe(3);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  it('that was lost is not spent under: the renewal begins again with another', async () => {
    const server = await startServer();
    const store = new LeaseCountingStore(true);
    const registry = await bootClients({ store, clients: { crm: userClient(server) } });
    const alice = await connectUser(registry.get('crm'), server, 'alice');
    server.next('token').respond(503);
    await alice.refreshToken();
    expect(store.granted).toBe(2);
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(2);
  });
});

describe('a caller whose token is still valid', () => {
  it('does not wait for a token endpoint that hangs', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const alice = await connectUser(crm, server, 'alice');
    const expires_in = 300;
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in });
    const record = (await alice.token())!.toRecord();
    const now = Math.floor(Date.now() / 1000);
    await alice.setToken({ ...record, obtainedAt: now - 280, expiresAt: now + 20 });
    const hold = server.next('token').hold();
    const { status } = await firstValueFrom(alice.get('/things'));
    expect(status).toBe(200);
    expect(server.journal.tokenRequests()).toHaveLength(1);
    hold.release();
    await server.idle();
  });
});

describe('a protected_request hook', () => {
  it('that calls its own session gets an error instead of calling itself without end', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const alice = await connectUser(crm, server, 'alice');
    crm.registerComplianceHook('protected_request', async (request) => {
      await firstValueFrom(alice.get('/more'));
      return request;
    });
    await failure(firstValueFrom(alice.get('/things')), ReentrantTokenRequestError);
    expect(server.journal.apiCalls()).toHaveLength(0);
  });
});
