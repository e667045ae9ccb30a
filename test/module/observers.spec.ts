import { Injectable } from '@nestjs/common';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  OnTokenEvent,
  type OAuthClientModuleOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { lastValueFrom, tap, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bootApplication, connectUser, startServer, userClient } from '../support/application.js';
import { FaultyStore } from '../support/faulty-store.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { noticed, recordUncaught } from '../support/uncaught.js';

let server: FakeAuthorizationServer;
let logger: RecordingLogger;
beforeEach(async () => {
  server = await startServer();
  logger = new RecordingLogger();
});

async function boot(options: Partial<OAuthClientModuleOptions> = {}, providers: Function[] = []) {
  const clients = { client: userClient(server) };
  const application = await bootApplication(
    {
      imports: [OAuthClientModule.forRoot({ clients, ...options })],
      providers: providers as never[],
    },
    (builder) => builder.setLogger(logger),
  );
  const registry = application.get(OAuthClientRegistry);
  const alice = registry.get('client').for('alice');
  return { application, registry, alice };
}

const fail = () => {
  throw new Error('observer');
};

describe('an observer that throws ends no process', () => {
  it.each<[string, (session: OAuthSession) => Observable<unknown>]>([
    ['token$', ({ token$ }) => token$],
    ['token$, behind an operator', ({ token$ }) => token$.pipe(tap(() => undefined))],
    ['events$', ({ events$ }) => events$],
  ])('of %s', async (name, streamOf) => {
    const { alice } = await boot();
    const uncaught = recordUncaught();
    streamOf(alice).subscribe(fail);
    await connectUser(alice, server, 'alice');
    await alice.refreshToken();
    await noticed();
    expect(uncaught).toEqual([]);
    const [stream] = name.split(',');
    expect(logger.errors).toEqual([`An observer of ${stream} failed: Error: observer`]);
  });

  it('of renewExpiring(), and the run goes on', async () => {
    const { alice, registry } = await boot();
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -5 });
    const uncaught = recordUncaught();
    const ended = new Promise<void>((complete) => {
      registry.renewExpiring({ within: 86_400 }).subscribe({ next: fail, complete });
    });
    await ended;
    await noticed();
    expect(uncaught).toEqual([]);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('when it is async, and rejects', async () => {
    const { alice } = await boot();
    const uncaught = recordUncaught();
    const asyncFail = (): unknown => Promise.reject(new Error('observer'));
    alice.events$.subscribe(asyncFail);
    alice.token$.subscribe({ next: asyncFail });
    await connectUser(alice, server, 'alice');
    await noticed();
    expect(uncaught).toEqual([]);
    expect(logger.errors).toHaveLength(2);
  });

  it('nor does a nightly run that fails while nobody listens for errors', async () => {
    const store = new FaultyStore();
    const { registry } = await boot({ store });
    store.keys = fail;
    const uncaught = recordUncaught();
    registry.renewExpiring({ within: 86_400 }).subscribe();
    await noticed();
    expect(uncaught).toEqual([]);
    expect(logger.errors[0]).toContain('renewExpiring() failed: TokenStoreError');
    const run = lastValueFrom(registry.renewExpiring({ within: 86_400 }));
    await expect(run).rejects.toThrow('did not list all of its keys');
  });
});

it('observers that fail alike fill no log', async () => {
  const { application, alice } = await boot();
  for (let request = 0; request < 50; request += 1) alice.events$.subscribe(fail);
  await connectUser(alice, server, 'alice');
  expect(logger.errors).toHaveLength(1);
  await application.close();
  expect(logger.errors.slice(1)).toEqual(['49 more observers of events$ failed alike.']);
});

it('a stream of tokens ends with the application, though the store does not answer', async () => {
  const store = new FaultyStore();
  const { application, alice } = await boot({ store });
  store.fail('get');
  const ended = vi.fn<() => void>();
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] });
  alice.token$.subscribe({ complete: ended });
  await vi.waitFor(() => expect(store.count('get')).toBe(1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(store.count('get')).toBe(2);
  vi.useRealTimers();
  await application.close();
  expect(ended).toHaveBeenCalledOnce();
});

describe('a handler that hangs', () => {
  let calls = 0;
  @Injectable()
  class Hanging {
    @OnTokenEvent('stored')
    hear(): Promise<void> {
      calls += 1;
      return new Promise(() => undefined);
    }
  }

  it('is not called without end, which is said, and once at shutdown', async () => {
    const { application, alice } = await boot({}, [Hanging]);
    for (let one = 0; one < 10_005; one += 1) await alice.setToken({ access_token: 'a' });
    expect(calls).toBe(10_000);
    expect(logger.errors).toEqual([expect.stringContaining('10000 calls that do not end')]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = application.close();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await closed;
    expect(logger.errors.slice(1)).toEqual([
      expect.stringMatching(/abandons the handler Hanging\.hear .* So did 9999 more\.$/),
      'The handler Hanging.hear has missed 4 more.',
    ]);
  });
});
