import { Controller, Get, Scope, ValidationPipe, type Type } from '@nestjs/common';
import { CurrentSession, OAuthSession, type WebRequest } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { connectUser, machineClient, startServer, userClient } from '../support/application.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms, startApplication, subject, type Platform } from './application.js';
import { TestBrowser } from './browser.js';

/** What class-validator and class-transformer do with a class that has no rules. */
const validatorPackage = { validate: () => Promise.resolve([]) };
const transformerPackage = {
  plainToInstance: <T>(type: Type<T>): T => new type(),
  classToPlain: (value: unknown) => ({ ...(value as object) }),
};

const tenantOf = (request: WebRequest) => (request['params'] as { tenant: string }).tenant;

@Controller()
class Accounts {
  @Get('whose')
  whose(@CurrentSession('github') github: OAuthSession) {
    return github.toJSON();
  }

  @Get('call')
  async call(@CurrentSession('github') github: OAuthSession) {
    return (await firstValueFrom(github.get<{ subject: string }>('/user'))).data.subject;
  }

  @Get('machine')
  machine(@CurrentSession('billing') billing: OAuthSession) {
    return billing.toJSON();
  }

  @Get('shared')
  shared(@CurrentSession('company') company: OAuthSession) {
    return company.toJSON();
  }

  @Get('tenants/:tenant')
  tenant(@CurrentSession(tenantOf) session: OAuthSession) {
    return session.toJSON();
  }

  @Get('none')
  none(@CurrentSession(() => '') session: OAuthSession) {
    return session.toJSON();
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedAccounts {
  @Get()
  whose(@CurrentSession('github') github: OAuthSession) {
    return github.toJSON();
  }
}

let server: FakeAuthorizationServer;

/** The application, and how a user asks it. */
async function start(platform: Platform, pipe?: ValidationPipe) {
  const clients = {
    github: userClient(server),
    'tenant-42': userClient(server),
    company: userClient(server, { shared: true }),
    billing: machineClient(server),
  };
  const { origin, registry } = await startApplication(
    platform,
    { clients, subject },
    {
      metadata: { controllers: [Accounts, ScopedAccounts] },
      change: (app) => {
        app.useLogger(new RecordingLogger());
        if (pipe) app.useGlobalPipes(pipe);
      },
    },
  );
  const ask = (user: string, path: string) => new TestBrowser(origin, user).open(path);
  const answer = async (user: string, path: string): Promise<unknown> =>
    JSON.parse((await ask(user, path)).text);
  return { registry, ask, answer };
}

beforeEach(async () => {
  server = await startServer();
});

describe.each(platforms)('@CurrentSession on $name', (platform) => {
  it('injects the session of the calling user', async () => {
    const { answer } = await start(platform);
    expect(await answer('alice', '/whose')).toEqual({ client: 'github', subject: 'alice' });
    expect(await answer('bob', '/whose')).toEqual({ client: 'github', subject: 'bob' });
  });

  it('injects one that calls the API as that user', async () => {
    const { ask, registry } = await start(platform);
    await connectUser(registry.get('github'), server, 'alice');
    expect((await ask('alice', '/call')).text).toBe('alice');
  });

  it('answers 401 where nobody is signed in', async () => {
    const { ask, answer } = await start(platform);
    expect((await ask('', '/whose')).status).toBe(401);
    expect(await answer('', '/whose')).toEqual({ statusCode: 401, message: 'Unauthorized' });
  });

  it('works in a request-scoped controller', async () => {
    const { answer } = await start(platform);
    const both = [answer('alice', '/scoped'), answer('bob', '/scoped')];
    expect(await Promise.all(both)).toMatchObject([{ subject: 'alice' }, { subject: 'bob' }]);
  });

  it("gives everybody the session of a client that acts for itself, or is everybody's", async () => {
    const { answer } = await start(platform);
    expect(await answer('', '/machine')).toEqual({ client: 'billing', subject: '' });
    expect(await answer('', '/shared')).toEqual({ client: 'company', subject: '' });
  });

  it('finds the client of a tenant by the request', async () => {
    const { answer } = await start(platform);
    const found = await answer('alice', '/tenants/tenant-42');
    expect(found).toEqual({ client: 'tenant-42', subject: 'alice' });
  });

  it('answers 404 where there is no such client', async () => {
    const { ask } = await start(platform);
    expect((await ask('alice', '/tenants/tenant-43')).status).toBe(404);
  });

  it('fails where the request names no client', async () => {
    const { ask } = await start(platform);
    expect((await ask('alice', '/none')).status).toBe(500);
  });

  it.each([
    ['', { transform: true, whitelist: true }],
    [' that validates custom decorators', { validateCustomDecorators: true }],
    [' that transforms them, too', { validateCustomDecorators: true, transform: true }],
  ])('passes a global ValidationPipe%s', async (_, options) => {
    const pipe = new ValidationPipe({ ...options, validatorPackage, transformerPackage });
    const { answer } = await start(platform, pipe);
    expect(await answer('alice', '/whose')).toMatchObject({ subject: 'alice' });
    expect(await answer('alice', '/scoped')).toMatchObject({ subject: 'alice' });
  });
});
