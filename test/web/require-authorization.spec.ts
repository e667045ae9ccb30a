import { Controller, Get, UseFilters, type CanActivate } from '@nestjs/common';
import {
  AuthorizationRequiredError,
  MemoryTokenStore,
  OAuthExceptionFilter,
  OAuthSession,
  RequireAuthorization,
  RequireAuthorizationGuard,
  type TokenKey,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootApplication,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms, startApplication, subject, type Platform } from './application.js';
import { TestBrowser, type Answer } from './browser.js';

@UseFilters(OAuthExceptionFilter)
@RequireAuthorization('github')
@Controller()
class Repositories {
  @Get('list')
  list(): string {
    return 'list';
  }

  @RequireAuthorization('github', { scope: ['repo', 'gist'] })
  @Get('create')
  create(): string {
    return 'created';
  }

  @RequireAuthorization('calendar', { scope: 'events' })
  @RequireAuthorization('github', { scope: 'repo' })
  @Get('both')
  both(): string {
    return 'both';
  }
}

@UseFilters(OAuthExceptionFilter)
@Controller()
class Others {
  @RequireAuthorization('billing', { scope: 'invoices' })
  @Get('invoices')
  invoices(): string {
    return 'invoices';
  }

  @RequireAuthorization('billing', { scope: 'payouts' })
  @Get('payouts')
  payouts(): string {
    return 'payouts';
  }

  @RequireAuthorization('company')
  @Get('company')
  company(): string {
    return 'company';
  }

  @RequireAuthorization('strict')
  @Get('strict')
  strict(): string {
    return 'strict';
  }
}

/** Counts what it is asked for. */
class CountingStore extends MemoryTokenStore {
  reads = 0;

  override get(key: TokenKey): ReturnType<MemoryTokenStore['get']> {
    this.reads += 1;
    return super.get(key);
  }
}

let server: FakeAuthorizationServer;
let store: CountingStore;
let logger: RecordingLogger;

async function start(platform: Platform) {
  const clients = {
    github: userClient(server, { scope: ['read:user'] }),
    calendar: userClient(server, { scope: ['events'] }),
    company: userClient(server, { shared: true }),
    strict: userClient(server, { scope: ['a', 'b'], scopePolicy: 'missing' }),
    billing: machineClient(server, { scope: ['invoices'] }),
  };
  const { origin, registry } = await startApplication(
    platform,
    { clients, subject, store, cache: false },
    {
      metadata: { controllers: [Repositories, Others] },
      change: (app) => app.useLogger(logger),
    },
  );
  const headers = { accept: 'application/json' };
  const ask = (path: string, user = 'alice') =>
    new TestBrowser(origin, user).open(path, { headers });
  return { ask, session: (name: string) => registry.get(name) };
}

const bodyOf = ({ text }: Answer) => JSON.parse(text) as object;

beforeEach(async () => {
  server = await startServer();
  store = new CountingStore();
  logger = new RecordingLogger();
});

describe.each(platforms)('@RequireAuthorization on $name', (platform) => {
  it('lets nobody through who has not connected the account', async () => {
    const { ask } = await start(platform);
    const answer = await ask('/list');
    expect(answer.status).toBe(401);
    expect(bodyOf(answer)).toMatchObject({ client: 'github', reason: 'no_token', missing: [] });
  });

  it('answers 401 where nobody is signed in', async () => {
    const { ask } = await start(platform);
    const answer = await ask('/list', '');
    expect(bodyOf(answer)).toEqual({ statusCode: 401, message: 'Unauthorized' });
  });

  it('lets through who has, with one read of the store and no request', async () => {
    const { ask, session } = await start(platform);
    await connectUser(session('github'), server, 'alice');
    store.reads = 0;
    expect((await ask('/list')).text).toBe('list');
    expect(store.reads).toBe(1);
    expect(server.journal.requests()).toEqual([]);
  });

  it('names the scope that is missing', async () => {
    const { ask, session } = await start(platform);
    await connectUser(session('github'), server, 'alice', { scope: ['read:user', 'gist'] });
    const answer = await ask('/create');
    expect(answer.status).toBe(401);
    expect(bodyOf(answer)).toMatchObject({ reason: 'insufficient_scope', missing: ['repo'] });
  });

  it('lets a grant through that has the scope, and one more than asked for', async () => {
    const { ask, session } = await start(platform);
    await connectUser(session('github'), server, 'alice', { scope: ['gist', 'repo', 'user'] });
    expect((await ask('/create')).text).toBe('created');
  });

  it('counts what was asked for as granted where the server never said', async () => {
    const { ask, session } = await start(platform);
    const { scope: _unsaid, ...token } = server.issueTokens({ subject: 'alice' });
    await session('calendar').for('alice').setToken(token);
    await connectUser(session('github'), server, 'alice', { scope: ['repo'] });
    expect((await ask('/both')).text).toBe('both');
  });

  it('holds all demands on a method and its class', async () => {
    const { ask, session } = await start(platform);
    await connectUser(session('github'), server, 'alice', { scope: ['repo'] });
    expect(bodyOf(await ask('/both'))).toMatchObject({ client: 'calendar', reason: 'no_token' });
  });

  it('lets an expired token through while it can be renewed, and not otherwise', async () => {
    const { ask, session } = await start(platform);
    const users = session('github').for('alice');
    const old = { access_token: 'old', token_type: 'Bearer', expires_at: 1 };
    await users.setToken({ ...old, refresh_token: 'still good' });
    expect((await ask('/list')).status).toBe(200);
    await users.setToken(old);
    expect(bodyOf(await ask('/list'))).toMatchObject({ reason: 'not_renewable' });
  });

  it("holds a client's own scope policy", async () => {
    const { ask, session } = await start(platform);
    await connectUser(session('strict'), server, 'alice', { scope: ['a'] });
    const answer = bodyOf(await ask('/strict'));
    expect(answer).toMatchObject({ reason: 'insufficient_scope', missing: ['b'] });
  });

  it('lets clients through that act for themselves, for the scope that they ask for', async () => {
    const { ask } = await start(platform);
    expect((await ask('/invoices', '')).text).toBe('invoices');
    expect((await ask('/payouts', '')).status).toBe(500);
    expect(logger.errors).toEqual([
      expect.stringContaining('demands the scope payouts, which the client does not ask for'),
    ]);
  });

  it('asks for a shared account whoever calls', async () => {
    const { ask, session } = await start(platform);
    expect(bodyOf(await ask('/company', ''))).toMatchObject({ client: 'company', status: 401 });
    expect(logger.warnings).toEqual([expect.stringContaining('OAuth client "company"')]);
    await session('company').setToken({ ...server.issueTokens() });
    expect((await ask('/company', '')).text).toBe('company');
  });
});

it('throws an error that names client, subject, reason and what is missing', async () => {
  const clients = { github: userClient(server, { scope: ['read:user'] }) };
  const application = await bootApplication({
    imports: [(await import('nestjs-oauth-client')).OAuthClientModule.forRoot({ clients })],
  });
  const session = application.get<OAuthSession>('OAuthClient(github)').for('alice');
  const lack = await session.lack(['repo']);
  expect(lack).toBeInstanceOf(AuthorizationRequiredError);
  expect(lack).toMatchObject({
    client: 'github',
    subject: 'alice',
    reason: 'no_token',
    missing: ['repo'],
    scope: ['read:user'],
  });
});

it('can be replaced in a test', async () => {
  const open: CanActivate = { canActivate: () => true };
  const { OAuthClientModule } = await import('nestjs-oauth-client');
  const application = await bootApplication(
    {
      controllers: [Others],
      imports: [OAuthClientModule.forRoot({ clients: { billing: machineClient(server) } })],
    },
    (builder) => builder.overrideGuard(RequireAuthorizationGuard).useValue(open),
  );
  expect(application.get(Others).payouts()).toBe('payouts');
});
