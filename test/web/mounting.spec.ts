import {
  Controller,
  Get,
  Injectable,
  Module,
  Scope,
  UnauthorizedException,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Inject } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigurationError, OAuthClientModule } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { listening, platforms, routedClient, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';
import { scene } from './flow.js';

@Controller()
class PageController {
  @Get()
  page(): string {
    return 'page';
  }
}

@Injectable()
class Allowed {
  readonly users = ['alice'];
}

@Injectable()
class AllowedGuard implements CanActivate {
  constructor(private readonly allowed: Allowed) {}
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return this.allowed.users.includes(headers['x-user'] ?? '');
  }
}

@Injectable({ scope: Scope.REQUEST })
class OfRequestGuard implements CanActivate {
  constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}
  canActivate(): boolean {
    if (this.request.headers['x-user'] === 'bob') throw new UnauthorizedException();
    return true;
  }
}

const seen: string[] = [];

@Injectable()
class First implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    seen.push('first');
    return next.handle();
  }
}

@Injectable()
class Second implements NestInterceptor {
  async intercept(_context: ExecutionContext, next: CallHandler) {
    seen.push('second');
    return next.handle();
  }
}

describe.each(platforms)('the routes on $name', (platform) => {
  const statusOf = async (browser: TestBrowser, path: string) => (await browser.open(path)).status;

  it('are mounted nowhere without the option', async () => {
    const { origin } = await scene(platform, { options: { routes: undefined } });
    expect(await statusOf(new TestBrowser(origin), '/oauth/connections')).toBe(404);
    expect(await statusOf(new TestBrowser(origin), '/connections')).toBe(404);
  });

  it('are mounted at the path that is set', async () => {
    const { browser, origin } = await scene(platform, { options: { routes: { path: 'a/b/' } } });
    const { location } = await browser.open('/a/b/github/authorize');
    const redirectUri = new URL(location).searchParams.get('redirect_uri');
    expect(redirectUri).toBe(`${origin}/a/b/github/callback`);
  });

  it('are behind the global prefix, and so is the redirect URI', async () => {
    const { browser, origin } = await scene(platform, {
      change: (application) => void application.setGlobalPrefix('api/v2'),
    });
    const { location } = await browser.open('/api/v2/oauth/github/authorize');
    const redirectUri = new URL(location).searchParams.get('redirect_uri');
    expect(redirectUri).toBe(`${origin}/api/v2/oauth/github/callback`);
  });

  it('have no version, whatever versions the application has', async () => {
    const { browser } = await scene(platform, {
      metadata: { controllers: [PageController] },
      change: (application) =>
        void application.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    });
    expect(await statusOf(browser, '/v1')).toBe(200);
    expect(await statusOf(browser, '/oauth/connections')).toBe(200);
  });

  it('are mounted by options that a factory makes', async () => {
    const server = await startServer();
    const module = await Test.createTestingModule({
      imports: [
        OAuthClientModule.forRootAsync({
          useFactory: async () => ({
            clients: { github: routedClient(server) },
            routes: { path: 'late' },
            subject,
          }),
        }),
      ],
    }).compile();
    const { origin } = await listening(module.createNestApplication(platform.adapter()));
    expect(await statusOf(new TestBrowser(origin), '/late/github/authorize')).toBe(303);
  });

  it('are those of each application, where there are two in one process', async () => {
    const one = await scene(platform, { options: { routes: { path: 'one' } } });
    const two = await scene(platform, { options: { routes: { path: 'two' } } });
    const found = [one, two].map(({ browser }) =>
      Promise.all(['/one/connections', '/two/connections'].map((path) => statusOf(browser, path))),
    );
    expect(await Promise.all(found)).toEqual([
      [200, 404],
      [404, 200],
    ]);
  });

  it('say nothing of clients that do not take part, or do not exist', async () => {
    const server = await startServer();
    const clients = {
      github: routedClient(server),
      internal: routedClient(server),
      machine: routedClient(server, { grant: 'client_credentials' }),
    };
    const routes = { clients: ['github'] };
    const some = await startApplication(platform, { clients, routes, subject });
    const all = await startApplication(platform, { clients, routes: {}, subject });
    const browser = new TestBrowser(some.origin);
    expect(await statusOf(browser, '/oauth/internal/authorize')).toBe(404);
    expect(await statusOf(browser, '/oauth/nobody/callback?state=x')).toBe(404);
    expect((await browser.open('/oauth/nobody/authorize')).text).not.toContain('github');
    expect(await statusOf(new TestBrowser(all.origin), '/oauth/internal/authorize')).toBe(303);
    expect(await statusOf(new TestBrowser(all.origin), '/oauth/machine/authorize')).toBe(404);
  });

  it('are guarded by the application’s providers, of requests, too', async () => {
    const routes = { guards: [AllowedGuard, OfRequestGuard] };
    const { browser, other } = await scene(platform, {
      options: { routes },
      metadata: { providers: [Allowed, AllowedGuard, OfRequestGuard] },
    });
    expect(await statusOf(browser, '/oauth/connections')).toBe(200);
    const refused = await other('bob').open('/oauth/connections');
    expect([refused.status, refused.headers['cache-control']]).toEqual([403, 'no-store']);
  });

  it('are intercepted, the first interceptor outermost', async () => {
    seen.length = 0;
    const routes = { interceptors: [First, Second] };
    const { browser } = await scene(platform, { options: { routes } });
    expect(await statusOf(browser, '/oauth/connections')).toBe(200);
    expect(seen).toEqual(['first', 'second']);
  });
});

describe('mistakes in the options of the routes', () => {
  const [express] = platforms;

  async function problemsOf(options: object) {
    const server = await startServer();
    const clients = { github: routedClient(server) };
    const error = await failure(
      startApplication(express!, { clients, ...options }),
      ConfigurationError,
    );
    return error.problems.map(({ option }) => option);
  }

  it.each([
    [{ routes: {} }, ['subject']],
    [{ routes: { subject }, subject }, ['subject']],
    [{ routes: { subject: 'alice' } }, ['routes.subject']],
    [{ routes: { path: '/' }, subject }, ['routes.path']],
    [{ routes: { path: 'oauth/:tenant' }, subject }, ['routes.path']],
    [{ routes: { pth: 'oauth' }, subject }, ['routes.pth']],
    [{ routes: { origin: 'http://app.example' }, subject }, ['routes.origin']],
    [{ routes: { origin: 'https://app.example/path' }, subject }, ['routes.origin']],
    [{ routes: { origin: 'app.example' }, subject }, ['routes.origin']],
    [{ routes: { clients: ['githib'] }, subject }, ['routes.clients']],
    [{ routes: { clients: 'github' }, subject }, ['routes.clients']],
    [{ routes: { guards: [{}] }, subject }, ['routes.guards']],
    [{ routes: { interceptors: [() => undefined] }, subject }, ['routes.interceptors']],
    [{ routes: 'oauth', subject }, ['routes']],
    [{ subject: 'alice' }, ['subject']],
    [{ requestOf: {} }, ['requestOf']],
  ])('%j is reported as %j', async (options, expected) => {
    expect(await problemsOf(options)).toEqual(expected);
  });

  it.each([
    ['https://app.example', 200],
    ['http://localhost:3000', 200],
  ])('the origin %s is none', async (origin, status) => {
    const { browser } = await scene(express!, { options: { routes: { origin } } });
    expect((await browser.open('/oauth/connections')).status).toBe(status);
  });

  it('a guard that cannot be made is reported at boot, with what to do', async () => {
    const booting = scene(express!, { options: { routes: { guards: [AllowedGuard] } } });
    const error = await failure(booting, ConfigurationError);
    expect(error.message).toMatch(/AllowedGuard.*providers of a module/);
  });

  it('subject may stand in routes, too', async () => {
    const options = { routes: { subject }, subject: undefined };
    const { browser } = await scene(express!, { options });
    expect((await browser.open('/oauth/connections')).status).toBe(200);
  });

  it('a module of the application may be made without any', async () => {
    @Module({ imports: [OAuthClientModule.forRoot({ clients: {} })] })
    class Application {}
    const module = await Test.createTestingModule({ imports: [Application] }).compile();
    const { origin } = await listening(module.createNestApplication(express!.adapter()));
    expect((await new TestBrowser(origin).open('/oauth/connections')).status).toBe(404);
  });
});
