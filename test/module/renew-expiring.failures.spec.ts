import {
  AuthorizationRequiredError,
  ConfigurationError,
  TokenEndpointError,
  TokenStoreError,
} from 'nestjs-oauth-client';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { FaultyStore } from '../support/faulty-store.js';
import { failure } from '../support/failure.js';
import { PlainStore } from '../support/plain-store.js';
import { DAY, Night } from './renew-expiring.fixtures.js';

describe('a grant that cannot be renewed in a nightly run', () => {
  it('reports a dead grant once, as ended, and goes on', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    night.server.revokeFamily('alice');
    const all = await night.run({ concurrency: 1 });
    expect(all[0]?.step).toMatchObject({ subject: 'alice', outcome: 'ended' });
    expect(all[0]?.step?.error).toBeInstanceOf(AuthorizationRequiredError);
    expect(all.at(-1)).toMatchObject({ done: 2, renewed: 1, ended: 1, failed: 0, skipped: 0 });
  });

  it('skips what only the user can renew, and asks nobody', async () => {
    const night = await Night.start();
    const { refreshToken: _none, ...record } = night.record('alice');
    await night.store.set({ client: 'github', subject: 'alice' }, record);
    const all = await night.run();
    expect(all[0]?.step).toMatchObject({ outcome: 'skipped', reason: 'not_renewable' });
    expect(night.refreshes).toBe(0);
  });

  it('goes on after a grant that fails, and says whose and why', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    night.server.next('token').respond(400, {}, '{"error":"invalid_request"}');
    const all = await night.run({ concurrency: 1 });
    expect(all[0]?.step).toMatchObject({
      client: 'github',
      subject: 'alice',
      outcome: 'failed',
      error: { error: 'invalid_request' },
    });
    expect(all.at(-1)).toMatchObject({ failed: 1, renewed: 1, finished: 'complete' });
  });

  it('gives a client up that is refused itself, and renews the others', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    await night.connect('gitlab', 'carol');
    night.server.next('token').respond(401, {}, '{"error":"invalid_client"}');
    const all = await night.run({ concurrency: 1 });
    expect(all[0]?.step?.error).toBeInstanceOf(TokenEndpointError);
    expect(all[1]?.step).toMatchObject({ outcome: 'skipped', reason: 'client_failing' });
    expect(all[2]?.step).toMatchObject({ client: 'gitlab', outcome: 'renewed' });
    expect(night.refreshes).toBe(2);
  });

  it('skips the rest of a client whose server wants to be left alone', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob', 'carol');
    night.server.next('token').respond(429, { 'Retry-After': '600' });
    const all = await night.run({ concurrency: 1 });
    expect(all.map(({ step }) => step?.reason ?? step?.outcome)).toEqual([
      'failed',
      'cooldown',
      'cooldown',
      undefined,
    ]);
    expect(night.refreshes).toBe(1);
  });

  it('gives a client up after ten failures in a row', async () => {
    const night = await Night.start();
    await night.connect('github', ...Array.from({ length: 15 }, (_, index) => `user-${index}`));
    night.server.always('token').respond(400, {}, '{"error":"invalid_request"}');
    const last = (await night.run({ concurrency: 1 })).at(-1);
    expect(last).toMatchObject({ failed: 10, skipped: 5, total: 15, finished: 'complete' });
    expect(night.refreshes).toBe(10);
  });
});

describe('a run that ends early', () => {
  it('begins nothing more when nobody listens, and breaks off no renewal', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    const held = night.server.next('token').hold();
    const run$ = night.registry.renewExpiring({ within: DAY, concurrency: 1 });
    const subscription = run$.subscribe();
    await held.arrived;
    subscription.unsubscribe();
    const renewed = firstValueFrom(night.registry.events$);
    held.release();
    expect(await renewed).toMatchObject({ type: 'refreshed', subject: 'alice' });
    await night.registry.unregister('github');
    expect(night.refreshes).toBe(1);
  });

  it('by a signal waits for what is under way, and says that it was stopped', async () => {
    const night = await Night.start();
    await night.connect('github', 'alice', 'bob');
    const held = night.server.next('token').hold();
    const stop = new AbortController();
    const run = night.run({ concurrency: 1, signal: stop.signal });
    await held.arrived;
    stop.abort();
    held.release();
    const all = await run;
    expect(all.map(({ step }) => step?.outcome)).toEqual(['renewed', undefined]);
    expect(all.at(-1)).toMatchObject({ renewed: 1, finished: 'stopped' });
  });

  it('fails where the store cannot list', async () => {
    const plain = await Night.start(new PlainStore());
    await failure(plain.run(), ConfigurationError);
    const store = new FaultyStore();
    const night = await Night.start(store);
    store.keys = () => {
      throw new Error('ECONNRESET');
    };
    const error = await failure(night.run(), TokenStoreError);
    expect(error.message).toContain('did not list all of its keys');
  });

  it('counts a record that cannot be read as failed', async () => {
    const store = new FaultyStore();
    const night = await Night.start(store);
    await night.connect('github', 'alice');
    store.fail('get');
    const all = await night.run();
    expect(all[0]?.step?.error).toBeInstanceOf(TokenStoreError);
    expect(all.at(-1)).toMatchObject({ failed: 1, finished: 'complete' });
  });

  it.each([
    [{}, 'Pass { within: 86_400 }'],
    [{ within: '86400' }, 'Use a number of 0 or more.'],
    [{ within: 1, concurency: 3 }, 'Did you mean "concurrency"?'],
    [{ within: 1, clients: ['githbu'] }, 'Did you mean "github"?'],
  ])('refuses %j', async (options, remedy) => {
    const { registry } = await Night.start();
    const run = lastValueFrom(registry.renewExpiring(options as { within: number }));
    expect((await failure(run, ConfigurationError)).message).toContain(remedy);
  });
});
