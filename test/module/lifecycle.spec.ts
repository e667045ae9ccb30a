import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryTokenStore,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  ShuttingDownError,
  type OAuthClientModuleOptions,
  type TokenKey,
  type TokenRecord,
  type TokenStore,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  bootApplication,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { RecordingLogger } from '../support/recording-logger.js';

/** A store that writes down when tokens come and when it is closed. */
class DiaryStore extends MemoryTokenStore implements TokenStore {
  constructor(readonly diary: string[]) {
    super();
    this.changes$.subscribe(() => diary.push('token stored'));
  }

  async close(): Promise<void> {
    this.diary.push('store closed');
  }
}

/** A store of the application's own, of which nothing but the contract is known. */
function storeOfOnesOwn(): TokenStore {
  const records = new Map<string, TokenRecord>();
  const id = (key: TokenKey) => JSON.stringify(key);
  return {
    get: async (key) => records.get(id(key)),
    set: async (key, record) => void records.set(id(key), record),
    delete: async (key) => records.delete(id(key)),
  };
}

describe('shutdown', () => {
  it('closes the HTTP server, then waits for renewals, then closes the store', async () => {
    const server = await startServer();
    const diary: string[] = [];
    @Controller()
    class Things {
      constructor(@OAuthClient('billing') private readonly billing: OAuthSession) {}

      @Get('things')
      async things(): Promise<string> {
        return (await firstValueFrom(this.billing.get<{ path: string }>('/things'))).data.path;
      }
    }
    const testing = await Test.createTestingModule({
      imports: [
        OAuthClientModule.forRoot({
          clients: { billing: machineClient(server) },
          store: new DiaryStore(diary),
        }),
      ],
      controllers: [Things],
    }).compile();
    const application = testing.createNestApplication();
    await application.listen(0, '127.0.0.1');
    const http = application.getHttpServer() as Server;
    const { port } = http.address() as AddressInfo;
    http.once('close', () => diary.push('HTTP server closed'));

    const held = server.next('token').hold();
    const answer = fetch(`http://127.0.0.1:${port}/things`, { headers: { connection: 'close' } });
    await held.arrived;
    // Another waits for the renewal without any HTTP request of the application's own.
    const inBackground = application.get(OAuthClientRegistry).get('billing').accessToken();
    const closed = application.close();
    await vi.waitFor(() => expect(http.listening).toBe(false));
    held.release();
    expect(await (await answer).text()).toBe('/api/things');
    expect(await inBackground).toMatch(/^at_/);
    await closed;
    expect(diary).toEqual(['token stored', 'HTTP server closed', 'store closed']);
  });

  it('answers who waits for a renewal, and starts no other', async () => {
    const server = await startServer();
    const diary: string[] = [];
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRoot({
          clients: { billing: machineClient(server), crm: machineClient(server) },
          store: new DiaryStore(diary),
        }),
      ],
    });
    const registry = application.get(OAuthClientRegistry);
    const held = server.next('token').hold();
    const call = firstValueFrom(registry.get('billing').get<{ path: string }>('/things'));
    await held.arrived;
    const closed = application.close().then(() => diary.push('application closed'));

    let tries = 0;
    await vi.waitFor(async () => {
      const another = registry.get('crm').with({ scope: [`scope-${(tries += 1)}`] });
      const error = await failure(another.accessToken(), ShuttingDownError);
      expect(error).toMatchObject({ client: 'crm', code: 'shutting_down' });
    });
    expect(diary).not.toContain('store closed');

    diary.length = 0;
    held.release();
    expect((await call).data.path).toBe('/api/things');
    await closed;
    expect(diary).toEqual(['token stored', 'store closed', 'application closed']);
  });

  it('lets a valid token be used to the end, and gets no new one', async () => {
    const server = await startServer();
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { billing: machineClient(server) } })],
    });
    const billing = application.get(OAuthClientRegistry).get('billing');
    await billing.accessToken();
    await application.close();
    await firstValueFrom(billing.get('/last'));
    await failure(billing.refreshToken(), ShuttingDownError);
    await failure(firstValueFrom(billing.with({ scope: ['x'] }).get('/')), ShuttingDownError);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('names what it abandons after ten seconds, and closes the store all the same', async () => {
    const logger = new RecordingLogger();
    const server = await startServer();
    const diary: string[] = [];
    const root = OAuthClientModule.forRoot({
      clients: { crm: userClient(server) },
      store: new DiaryStore(diary),
      refresh: { timeoutMs: 60_000 },
    });
    const application = await bootApplication({ imports: [root] }, (builder) =>
      builder.setLogger(logger),
    );
    const crm = application.get(OAuthClientRegistry).get('crm');
    const alice = await connectUser(crm, server, 'alice');
    const held = server.next('token').hold();
    const renewal = alice.refreshToken();
    renewal.catch(() => undefined); // it ends with the server, after the test
    await held.arrived;

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const closed = application.close();
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(diary).toContain('store closed');
    });
    await closed;
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toMatch(/abandons.*crm.*10000 ms/);
    expect(logger.errors[0]).not.toContain('alice');
  });

  it('ends at once, and once, when nothing is under way', async () => {
    const server = await startServer();
    const diary: string[] = [];
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRoot({
          clients: { billing: machineClient(server) },
          store: new DiaryStore(diary),
        }),
      ],
    });
    await Promise.all([application.close(), application.close()]);
    await application.close();
    expect(diary).toEqual(['store closed']);
    expect(server.journal.count()).toBe(0);
  });
});

describe('boot', () => {
  it('asks nobody anything', async () => {
    const server = await startServer();
    await bootApplication({
      imports: [
        OAuthClientModule.forRoot({
          clients: {
            billing: machineClient(server, { issuer: server.issuer }),
            crm: userClient(server, { issuer: server.issuer }),
          },
        }),
      ],
    });
    expect(server.journal.count()).toBe(0);
  });

  const warningsOf = async (
    environment: string,
    make: (server: Awaited<ReturnType<typeof startServer>>) => OAuthClientModuleOptions,
  ) => {
    const logger = new RecordingLogger();
    vi.stubEnv('NODE_ENV', environment);
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await startServer();
    await bootApplication({ imports: [OAuthClientModule.forRoot(make(server))] }, (builder) =>
      builder.setLogger(logger),
    );
    return logger.warnings;
  };

  it("warns in production when users' grants are kept in memory, naming the clients", async () => {
    const warnings = await warningsOf('production', (server) => ({
      clients: {
        github: userClient(server),
        billing: machineClient(server),
        company: userClient(server, { shared: true }),
      },
    }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/grants of github, company .*set store/);
  });

  it.each<
    [string, string, (server: Awaited<ReturnType<typeof startServer>>) => OAuthClientModuleOptions]
  >([
    ['in development', 'development', (server) => ({ clients: { github: userClient(server) } })],
    [
      'for machine grants alone',
      'production',
      (server) => ({ clients: { billing: machineClient(server) } }),
    ],
    [
      'with a store of its own',
      'production',
      (server) => ({ clients: { github: userClient(server) }, store: storeOfOnesOwn() }),
    ],
  ])('does not warn %s', async (_when, environment, make) => {
    expect(await warningsOf(environment, make)).toEqual([]);
  });
});
