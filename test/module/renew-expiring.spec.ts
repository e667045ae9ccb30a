import { randomBytes } from 'node:crypto';
import { EncryptedTokenStore, MemoryTokenStore } from 'nestjs-oauth-client';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DAY, Night, replica } from './renew-expiring.fixtures.js';

const NONE = { done: 0, renewed: 0, ended: 0, failed: 0, skipped: 0, total: 0, read: 0 };

describe('renewExpiring', () => {
  it('renews what ends in time or has ended, and tells of each', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice');
    const never = night.record('endless', { expires_in: 0 });
    const later = night.record('later', { expires_in: 2 * DAY });
    await night.store.set({ client: 'github', subject: 'endless' }, never);
    await night.store.set({ client: 'github', subject: 'later' }, later);
    night.clock.advance(3601);
    await night.connect('gitlab', 'bob');
    const all = await night.run();
    expect(all.map(({ step }) => step)).toEqual([
      { client: 'github', subject: 'alice', outcome: 'renewed' },
      { client: 'gitlab', subject: 'bob', outcome: 'renewed' },
      undefined,
    ]);
    const counts = { ...NONE, done: 2, renewed: 2, total: 2, read: 4 };
    expect(all.at(-1)).toEqual({ ...counts, finished: 'complete' });
    expect(night.refreshes).toBe(2);
  });

  it('is cold: each subscription is a run of its own, and the second finds nothing to do', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice');
    const run$ = night.registry.renewExpiring({ within: 300 });
    night.clock.advance(3500);
    expect(night.refreshes).toBe(0);
    expect(await lastValueFrom(run$)).toMatchObject({ renewed: 1, total: 1 });
    expect(await lastValueFrom(run$)).toMatchObject({ renewed: 0, total: 0, read: 1 });
  });

  it('finds the grants of an encrypted store that hashes subjects', async () => {
    const store = new EncryptedTokenStore(new MemoryTokenStore(), {
      keys: [{ kid: '1', key: randomBytes(32) }],
      hashSubjects: { key: randomBytes(32) },
    });
    const night = await Night.start(store);
    await night.connect('github', 'alice');
    const [first] = await night.run();
    expect(first?.step).toEqual({ client: 'github', subject: 'alice', outcome: 'renewed' });
  });

  it('leaves out machines, variants and clients that are not named', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice');
    await night.connect('gitlab', 'bob');
    await night.connect('billing', '');
    const variant = { client: 'gitlab', subject: 'bob', variant: 'v' };
    await night.store.set(variant, night.record('bob'));
    const last = (await night.run({ clients: ['gitlab', 'billing'] })).at(-1);
    expect(last).toMatchObject({ total: 1, renewed: 1, read: 1 });
  });

  it('renews so many at a time', async () => {
    const night = await Night.start();
    await night.connect('github', 'a', 'b', 'c', 'd');
    const held = [1, 2].map(() => night.server.next('token').hold());
    const run = night.run({ concurrency: 2 });
    await Promise.all(held.map(({ arrived }) => arrived));
    expect(night.refreshes).toBe(2);
    for (const one of held) one.release();
    expect((await run).at(-1)).toMatchObject({ renewed: 4 });
  });

  it('renews nothing twice where two applications run it on one store', async () => {
    const night = await Night.start();
    const subjects = Array.from({ length: 30 }, (_, index) => `user-${index}`);
    await night.connect('github', ...subjects);
    const other = await replica(night.server, night.clock, night.store);
    const [ours, theirs] = await Promise.all([
      night.run(),
      lastValueFrom(other.renewExpiring({ within: 300 + 3600 })),
    ]);
    expect(ours.at(-1)!.renewed + theirs.renewed).toBe(30);
    expect(ours.at(-1)!.failed + theirs.failed).toBe(0);
    expect(night.refreshes).toBe(30);
    expect(night.server.journal.tokenRequests().filter(({ replay }) => replay)).toEqual([]);
  });

  it('renews nothing twice where another run has just done so', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    expect((await night.run()).at(-1)).toMatchObject({ renewed: 2 });
    const other = await replica(night.server, night.clock, night.store);
    const run = () => lastValueFrom(other.renewExpiring({ within: DAY }));
    night.clock.advance(60);
    expect(await run()).toMatchObject({ total: 0, read: 2 });
    night.clock.advance(1800);
    expect(await run()).toMatchObject({ total: 2, renewed: 2 });
  });

  it('skips a grant that another replica has renewed since it was read', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice');
    const other = await replica(night.server, night.clock, night.store);
    const held = night.server.next('token').hold();
    const theirs = other.get('github').for('alice').refreshToken();
    await held.arrived;
    const run = night.run();
    held.release();
    await theirs;
    const [first] = await run;
    const reason = 'renewed_elsewhere';
    expect(first?.step).toEqual({ client: 'github', subject: 'alice', outcome: 'skipped', reason });
    expect(night.refreshes).toBe(1);
  });
});
