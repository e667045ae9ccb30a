import { ConsoleLogger, type LoggerService } from '@nestjs/common';
import {
  ConfigurationError,
  OAuthClientModule,
  OAuthClientRegistry,
  type EventLoggingOptions,
  type OAuthClientModuleOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  bootApplication,
  bootClients,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';

let server: FakeAuthorizationServer;
let written: string[];
beforeEach(async () => {
  server = await startServer();
  written = [];
});

/** Everything that is written to either stream while a test runs. */
function capture(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
}

/** The lines of our context. */
const lines = () => written.filter((line) => line.includes('OAuthClient]'));
/** The same of a logger that writes JSON, without what is of the moment. */
const records = () =>
  written
    .map((line) => JSON.parse(line) as { context?: string; params?: Record<string, unknown> })
    .filter(({ context }) => context === 'OAuthClient');

async function boot(
  logger: LoggerService,
  options: Partial<OAuthClientModuleOptions> = {},
): Promise<{ registry: OAuthClientRegistry; alice: OAuthSession; close: () => Promise<void> }> {
  capture();
  const { revocationEndpoint } = server;
  const clients = {
    client: userClient(server, { revocationEndpoint }),
    machine: machineClient(server, { refresh: { cooldown: false } }),
  };
  const application = await bootApplication(
    { imports: [OAuthClientModule.forRoot({ clients, ...options })] },
    (builder) => builder.setLogger(logger),
  );
  const registry = application.get(OAuthClientRegistry);
  const alice = await connectUser(registry.get('client'), server, 'alice@example.com');
  written.splice(0);
  return { registry, alice, close: () => application.close() };
}

const plain = () => new ConsoleLogger({ colors: false });
const json = () => new ConsoleLogger({ json: true });

describe('the log line of an event', () => {
  it('is a sentence with the fields behind it', async () => {
    const { alice } = await boot(plain());
    const { fingerprint } = await alice.refreshToken();
    expect(lines()).toHaveLength(1);
    const [line = ''] = lines();
    expect(line).toMatch(/DEBUG \[OAuthClient\] OAuth client "client": The token was renewed\. \{/);
    expect(line).toContain(`event: 'refreshed', client: 'client'`);
    expect(line).toContain(`fingerprint: '${fingerprint}'`);
    expect(line.trim()).not.toContain('\n');
  });

  it('is a message and structured fields where the logger writes JSON', async () => {
    const { alice } = await boot(json());
    const { fingerprint, expiresAt } = await alice.refreshToken();
    expect(records()).toMatchObject([
      {
        level: 'debug',
        context: 'OAuthClient',
        message: 'OAuth client "client": The token was renewed.',
        params: { event: 'refreshed', client: 'client', fingerprint, expiresAt, attempts: 1 },
      },
    ]);
  });

  it.each<[string, EventLoggingOptions | undefined, boolean]>([
    ['not by default', undefined, false],
    ['not where that is said', { subjects: false }, false],
    ['where that is wanted', { subjects: true }, true],
  ])('names the subject %s', async (_when, logging, isNamed) => {
    const { alice } = await boot(json(), logging && { logging });
    await alice.refreshToken();
    expect(written.join('').includes('alice@example.com')).toBe(isNamed);
    expect('subject' in records()[0]!.params!).toBe(isNamed);
  });

  it('has a level that fits', async () => {
    const { registry, alice } = await boot(json());
    const machine = registry.get('machine');
    server.next('token').respond(503).times(2);
    await failure(machine.fetchToken(), Error);
    server.next('token').respondJson(401, { error: 'invalid_client' });
    await failure(machine.fetchToken(), Error);
    server.always('revocation').respond(500);
    await failure(alice.revokeToken({ token: 'any' }), Error);
    server.revokeFamily('alice@example.com');
    await failure(alice.refreshToken(), Error);
    expect(records()).toMatchObject([
      { level: 'warn', params: { event: 'refresh_failed', client: 'machine', final: false } },
      { level: 'error', params: { event: 'refresh_failed', error: 'invalid_client' } },
      { level: 'warn', params: { event: 'revocation_failed' } },
      { level: 'warn', params: { event: 'reauthorization_required', reason: 'grant_revoked' } },
    ]);
  });

  it('tells of a difference in scope once, in the words of both sides', async () => {
    const { registry } = await boot(plain());
    server.always('token').transformJson((body) => ({ ...body, scope: 'read\nERROR forged' }));
    const tenant = registry.register('tenant', machineClient(server, { scope: ['mail'] }));
    await tenant.fetchToken();
    await tenant.refreshToken();
    const told = lines().filter((line) => line.includes('WARN'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(
      'The scope is not what was asked for: not granted: mail; granted unasked: read ERROR forged.',
    );
  });

  it('cannot be forged by what a server says', async () => {
    const { registry } = await boot(plain());
    const error = `x\n[Nest] 1 ERROR [OAuthClient] forged\u202e`;
    server.next('token').respondJson(400, { error });
    await failure(registry.get('machine').fetchToken(), Error);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]!.trim()).not.toMatch(/[\n\u202e]/);
  });

  it('holds no secret', async () => {
    const { alice } = await boot(json(), { logging: { subjects: true } });
    const { accessToken, refreshToken = '' } = (await alice.token())!;
    server.next('token').respondJson(400, { error: refreshToken, error_description: accessToken });
    await failure(alice.refreshToken(), Error);
    const renewed = await alice.refreshToken();
    await alice.revokeToken();
    expect(records().length).toBeGreaterThan(3);
    const secrets = { accessToken, refreshToken, renewed: renewed.accessToken };
    expect(leaks(written, { ...secrets, client: 'secret' })).toEqual([]);
  });

  it('is not written with logging: false', async () => {
    const { alice } = await boot(json(), { logging: false });
    await alice.refreshToken();
    expect(written).toEqual([]);
  });

  it('costs nobody a token where the logger fails', async () => {
    const fail = (): void => {
      if (written.length >= 0 && isBooted) throw new Error('logger');
    };
    let isBooted = false;
    const logger = { log: fail, warn: fail, error: fail, debug: fail };
    const { alice } = await boot(logger);
    isBooted = true;
    expect(await alice.refreshToken()).toBeDefined();
    isBooted = false;
  });
});

describe('the log of an outage', () => {
  it('has one line of each kind in ten seconds, and says how many it left out', async () => {
    const { registry } = await boot(json());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const client = registry.get('client');
    const fail = async (count: number) => {
      for (let user = 0; user < count; user += 1) {
        const session = client.for(`user-${user}`);
        await session.setToken({ access_token: 'a', refresh_token: 'r' });
        await failure(session.refreshToken(), Error);
      }
    };
    server.always('token').respondJson(400, { error: 'invalid_scope' });
    await fail(30);
    expect(failures()).toEqual([undefined]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failures()).toEqual([undefined, 29]);
    await fail(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failures()).toEqual([undefined, 29, 3]);
    await vi.advanceTimersByTimeAsync(10_000);
    await fail(1);
    expect(failures()).toEqual([undefined, 29, 3, undefined]);
  });

  it('says at shutdown what is still to be said', async () => {
    const { registry, close } = await boot(json());
    server.always('token').respondJson(400, { error: 'invalid_scope' });
    const machine = registry.get('machine');
    for (let call = 0; call < 3; call += 1)
      await failure(machine.with({ scope: [`s${call}`] }).accessToken(), Error);
    await close();
    expect(failures()).toEqual([undefined, 2]);
    expect(records().at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('And 2 more like it within 10 s.') as string,
      params: { event: 'refresh_failed', client: 'machine', error: 'invalid_scope', left: 2 },
    });
  });

  /** Of each line about a failure, how many it stands for besides; none of a line of its own. */
  function failures(): unknown[] {
    return records()
      .filter(({ params }) => params?.['event'] === 'refresh_failed')
      .map(({ params }) => params!['left']);
  }
});

describe('the option logging', () => {
  it.each<[unknown, string]>([
    [true, 'logging'],
    [{ subject: true }, 'Did you mean "logging.subjects"?'],
    [{ subjects: 'yes' }, 'logging.subjects'],
  ])('refuses %o at boot', async (logging, words) => {
    const options = { clients: {}, logging } as OAuthClientModuleOptions;
    const error = await failure(bootClients(options), ConfigurationError);
    expect(error.message).toContain(words);
  });
});
