import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RedisTokenStore } from 'nestjs-oauth-client/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealRedis, redisRemark, withoutRedis } from '../support/redis-server.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';
import { connected } from './feed.js';
import { newRecord } from './records.js';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const KEY = { client: 'client', subject: 'alice' };

/** A process that asks for a lease when told so. */
class LeaseProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string) {
    this.#child = spawn(
      process.execPath,
      ['--import', file('../support/typescript.mjs'), file('./lease.process.ts'), url],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    return (await this.#lines.next()).value as string;
  }

  ask(): Promise<string> {
    this.#child.stdin!.write('\n');
    return this.line();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Starting processes takes its time where much else runs. */
const PATIENCE_MS = 60_000;

describe.skipIf(withoutRedis)(`processes that share one Redis${redisRemark}`, () => {
  let server: RealRedis;
  beforeAll(async () => void (server = await RealRedis.start()));
  beforeEach(() => server.command('FLUSHALL'));
  afterAll(() => server.stop());

  function newStore(): RedisTokenStore {
    const store = new RedisTokenStore({ url: server.url });
    onTestFinished(() => store.close());
    return store;
  }

  it(
    'are granted one lease, and the next one hears of a holder that was killed',
    { timeout: PATIENCE_MS },
    async () => {
      const store = newStore();
      await store.set(KEY, newRecord());
      const processes = [1, 2].map(() => new LeaseProcess(server.url));
      for (const one of processes) expect(await one.line()).toBe('ready');
      const answers = await Promise.all(processes.map((one) => one.ask()));
      expect(answers.sort()).toEqual(['granted, abandoned: false', 'refused']);
      for (const one of processes) one.kill();
      const lease = await vi.waitFor(async () => {
        const granted = await store.acquireLease(KEY, 5_000);
        expect(granted).toBeDefined();
        return granted!;
      }, PATIENCE_MS);
      expect(lease.abandoned).toBe(true);
    },
  );

  it('do not lose a commit or a lease that a driver sends twice', async () => {
    const store = newStore();
    const next = newRecord();
    const lease = await store.acquireLease(KEY, 5_000);
    expect(await lease!.commit(next)).toBe(true);
    expect(await lease!.commit(next)).toBe(true);
    expect(await lease!.commit(newRecord())).toBe(false);
    await store.set(KEY, newRecord());
    expect(await lease!.commit(next)).toBe(false);
  });

  it('make one token request for 2 × 50 calls on an expired token, with rotation', async () => {
    const bench = await RenewalBench.start({}, newStore());
    const one = await bench.user();
    const other = await bench.user({}, { token: false, store: newStore() });
    expect([await call(one), await call(other)]).toEqual([200, 200]);
    for (let cycle = 1; cycle <= 5; cycle += 1) {
      bench.expire();
      const statuses = await Promise.all([calls(one, 25), calls(other, 25)]);
      expect(statuses).toEqual([{ 200: 25 }, { 200: 25 }]);
      expect(bench.tokenRequests).toBe(cycle);
    }
  });

  it('see at once that a user was disconnected elsewhere', async () => {
    const [here, there] = [newStore(), newStore()];
    const bench = await RenewalBench.start({}, here);
    const one = await bench.user();
    const other = await bench.user({}, { token: false, store: there });
    await connected(there);
    expect(await call(other)).toBe(200);
    await one.clearToken();
    await vi.waitFor(async () => expect(await other.token()).toBeUndefined());
  });
});
