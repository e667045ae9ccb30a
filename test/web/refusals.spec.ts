import {
  Catch,
  Inject,
  Injectable,
  Scope,
  UnauthorizedException,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { JSON_PLEASE, scene } from './flow.js';

@Catch(UnauthorizedException)
class ToLogin implements ExceptionFilter {
  constructor(@Inject(HttpAdapterHost) private readonly adapters: HttpAdapterHost) {}
  catch(_error: unknown, host: ArgumentsHost): void {
    this.adapters.httpAdapter.redirect(host.getArgByIndex(1), 302, '/login');
  }
}

@Injectable()
class RefusingGuard implements CanActivate {
  canActivate() {
    return of(false);
  }
}

@Injectable()
class ThrowingGuard implements CanActivate {
  canActivate() {
    return throwError(() => new UnauthorizedException('<b>Sign in</b>'));
  }
}

@Injectable()
class RedirectingGuard implements CanActivate {
  constructor(private readonly adapters: HttpAdapterHost) {}
  canActivate(context: ExecutionContext): boolean {
    this.adapters.httpAdapter.redirect(
      context.switchToHttp().getResponse<unknown>(),
      302,
      '/login',
    );
    return false;
  }
}

// Issue 6: refusals are a page for people and JSON for programs.
describe.each(platforms)('a refusal of the routes on $name', (platform) => {
  it.each([
    ['nobody is signed in', '', '/oauth/github/authorize', 401],
    ['nobody comes back', '', '/oauth/github/callback?state=x', 401],
    ['an unknown client', 'alice', '/oauth/nobody/authorize', 404],
    ['a bad returnTo', 'alice', '/oauth/github/authorize?returnTo=//evil.example', 400],
  ])('is a page for people: %s', async (_what, user, path, status) => {
    const { other } = await scene(platform);
    const page = await other(user).open(path);
    expect([page.status, page.headers['content-type']]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(page.headers['cache-control']).toBe('no-store');
  });

  it('is JSON, as Nest writes it, for programs', async () => {
    const { other } = await scene(platform);
    const { status, text } = await other('').open('/oauth/connections', JSON_PLEASE);
    expect(JSON.parse(text)).toEqual({ statusCode: 401, message: 'Unauthorized' });
    expect(status).toBe(401);
  });

  it.each([
    [RefusingGuard, 403, 'Your account may not do this.'],
    [ThrowingGuard, 401, '&lt;b&gt;Sign in&lt;/b&gt;'],
  ])('by a guard is a page, too: %o', async (guard, status, text) => {
    const { browser } = await scene(platform, { options: { routes: { guards: [guard] } } });
    const page = await browser.open('/oauth/github/authorize');
    expect([page.status, page.headers['content-type']]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(page.text).toContain(text);
    expect(page.text).not.toContain('<b>');
  });

  it('leaves alone what a guard has answered', async () => {
    const routes = { guards: [RedirectingGuard] };
    const { browser } = await scene(platform, { options: { routes } });
    const { status, location } = await browser.open('/oauth/github/authorize');
    expect([status, location]).toEqual([302, '/login']);
  });

  it.each([
    ['a provider', { metadata: { providers: [{ provide: APP_FILTER, useClass: ToLogin }] } }],
    [
      'a provider of requests',
      {
        metadata: {
          providers: [{ provide: APP_FILTER, useClass: ToLogin, scope: Scope.REQUEST }],
        },
      },
    ],
    [
      'the application',
      {
        change: (application: INestApplication) =>
          void application.useGlobalFilters(new ToLogin(application.get(HttpAdapterHost))),
      },
    ],
  ])("goes to the application's own filter, given by %s", async (_by, options) => {
    const { other } = await scene(platform, options);
    const { status, location } = await other('').open('/oauth/github/authorize');
    expect([status, location]).toEqual([302, '/login']);
    expect((await other('alice').open('/oauth/nobody/authorize')).status).toBe(404);
  });

  it('is of the routes alone: other refusals of the application are left to Nest', async () => {
    const { browser } = await scene(platform);
    const { headers } = await browser.open('/nowhere');
    expect(headers['content-type']).toMatch(/^application\/json/);
  });

  it.each(['/oauth/github/callback?state=x', '/oauth/nobody/callback?state=x'])(
    'tells nobody which clients there are: %s',
    async (path) => {
      const { other } = await scene(platform);
      expect((await other('').open(path)).status).toBe(401);
      const form = { oauth_relayed: '1', state: 'x' };
      for (const site of ['same-origin', 'cross-site']) {
        const headers = { 'sec-fetch-site': site };
        expect((await other('').post(path.split('?')[0]!, form, headers)).status).toBe(401);
      }
      expect((await other('').open(path, { method: 'HEAD' })).status).toBe(405);
    },
  );
});
