import { MemoryTokenStore, type OAuthSession, type TokenStore } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { call, RenewalBench } from '../support/renewal-bench.js';

/** A place at which one replica is stopped, as by `SIGSTOP`, until it is continued. */
class Stop {
  isStopped = false;
  continue!: () => void;
  readonly #continued = new Promise<void>((resolve) => (this.continue = resolve));
  #stopped!: () => void;
  readonly reached = new Promise<void>((resolve) => (this.#stopped = resolve));

  async here(): Promise<void> {
    this.isStopped = true;
    this.#stopped();
    await this.#continued;
    this.isStopped = false;
  }
}

/** A store as a process has it that is stopped at times: meanwhile it prolongs no lease. */
function storeOf(stop: Stop, shared: TokenStore, granted = async (): Promise<void> => undefined) {
  const store: TokenStore = {
    changes$: shared.changes$!,
    get: (key) => shared.get(key),
    set: (key, record) => shared.set(key, record),
    delete: (key) => shared.delete(key),
    acquireLease: async (key, ttlMs) => {
      const lease = await shared.acquireLease!(key, ttlMs);
      if (lease) await granted();
      return (
        lease && {
          ...lease,
          renew: async (ms) => {
            if (stop.isStopped) throw new Error('The process is stopped.');
            return lease.renew(ms);
          },
        }
      );
    },
  };
  return store;
}

describe('a holder that was stopped until its lease had lapsed', () => {
  /** Another replica renews meanwhile; then the holder goes on, which may spend nothing. */
  async function goesOn(bench: RenewalBench, stop: Stop, holder: OAuthSession): Promise<void> {
    const other = await bench.user({}, { token: false });
    bench.expire();
    const status = call(holder);
    await stop.reached;
    expect(await call(other)).toBe(200);
    stop.continue();
    expect(await status).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  }

  // lease-holder.ts, #ask: `heldAt` is taken when the answer is there, not before it is asked for.
  it('spends nothing when it was stopped before it heard of the lease', async () => {
    const stop = new Stop();
    const bench = await RenewalBench.start({}, new MemoryTokenStore());
    const store = storeOf(stop, bench.store, () => stop.here());
    await goesOn(bench, stop, await bench.user({}, { store }));
  });

  // renewal.ts, #exchange$: the lease is asked for before the client secret and the hooks.
  it('spends nothing when it was stopped in a request hook', async () => {
    const stop = new Stop();
    const bench = await RenewalBench.start({}, new MemoryTokenStore());
    const holder = await bench.user({}, { store: storeOf(stop, bench.store) });
    holder.registerComplianceHook('refresh_token_request', async (request) => {
      await stop.here();
      return request;
    });
    await goesOn(bench, stop, holder);
  });

  // As above.
  it('spends nothing when it was stopped while it fetched its secret', async () => {
    const stop = new Stop();
    const bench = await RenewalBench.start({}, new MemoryTokenStore());
    const clientSecret = async () => {
      await stop.here();
      return 'secret';
    };
    const store = storeOf(stop, bench.store);
    await goesOn(bench, stop, await bench.user({ clientSecret }, { store }));
  });
});
