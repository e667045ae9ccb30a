import { Controller, ForbiddenException, Injectable, Scope } from '@nestjs/common';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { ConfigurationError, OnAuthorized, type AuthorizedContext } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { platforms, routedClient, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';
import { begin, JSON_PLEASE, problem } from './flow.js';
import { RecordingLogger } from '../support/recording-logger.js';

/** What the application does with who comes; set by each test. */
let decide: (context: AuthorizedContext) => string | undefined | Promise<string | undefined>;
const came: AuthorizedContext[] = [];

@Injectable()
class SignInService {
  readonly #accounts = 'account-of-';

  @OnAuthorized('github')
  async signIn(context: AuthorizedContext): Promise<string | undefined> {
    came.push(context);
    return this.#accounts && decide(context);
  }
}

describe.each(platforms)('signing in by an account on $name', (platform) => {
  async function start(logger?: LoggerService) {
    came.length = 0;
    decide = async ({ userInfo }) => `user-${(await userInfo()).sub}`;
    const server = await startServer();
    const { issuer, revocationEndpoint, tokenEndpoint, authorizationEndpoint } = server;
    const github = routedClient(server, {
      issuer,
      revocationEndpoint,
      tokenEndpoint,
      authorizationEndpoint,
      scope: ['openid', 'read'],
    });
    const clients = { github };
    const metadata = { providers: [SignInService] };
    const options = { clients, routes: {}, subject };
    const change = (application: INestApplication) => logger && application.useLogger(logger);
    const stage = await startApplication(platform, options, { metadata, change });
    const browser = new TestBrowser(stage.origin, '');
    const callback = async (query = '') => server.authorize(await begin(browser, query));
    return { server, ...stage, browser, callback, github: stage.registry.get('github') };
  }

  it('stores the token as whose the application says it is', async () => {
    const { browser, callback, github } = await start();
    const back = await browser.open(await callback('?returnTo=/home'));
    expect([back.status, back.location]).toEqual([303, '/home']);
    expect(await github.for('user-alice').authorized()).toBe(true);
    const [context] = came;
    expect(context).toMatchObject({
      client: 'github',
      returnTo: '/home',
      claims: { sub: 'alice' },
    });
    expect(context!.token.scope).toEqual(['openid', 'read']);
    expect(context!.request.headers['host']).toBeDefined();
    expect(context!.response).toBeDefined();
    expect(context!.subject).toBeUndefined();
  });

  it('stores nothing before', async () => {
    const { browser, callback, github } = await start();
    decide = async () => {
      expect(await github.for('bob').token()).toBeUndefined();
      return 'bob';
    };
    await browser.open(await callback());
    expect(await github.for('bob').authorized()).toBe(true);
  });

  it('renews the secret of the browser, and ends what it had begun before', async () => {
    const { browser, callback } = await start();
    const [former, other] = [await callback(), await callback()];
    const secret = browser.cookies.get('oauth')!.slice(0, 43);
    await browser.open(former);
    expect(browser.cookies.get('oauth')).toMatch(/^[\w-]{43}$/);
    expect(browser.cookies.get('oauth')).not.toBe(secret);
    expect((await browser.open(other)).status).toBe(400);
  });

  it.each([
    ['answers nothing', () => undefined, 403],
    ['refuses', () => Promise.reject(new ForbiddenException('Not you')), 403],
    ['fails', () => Promise.reject(new Error('database')), 500],
  ])('revokes the token where the application %s', async (_what, answer, status) => {
    const { browser, callback, github, server } = await start();
    decide = answer;
    const revoked = server.nextRequest('revocation');
    const accept = { accept: 'application/json' };
    const answered = await browser.open(await callback(), { headers: accept });
    expect(answered.status).toBe(status);
    expect(answered.text).not.toContain('database');
    const { refreshToken } = came[0]!.token;
    expect((await revoked).form.get('token')).toBe(refreshToken);
    await server.idle();
    expect(server.isLive(refreshToken!)).toBe(false);
    expect(await github.for('user-alice').token()).toBeUndefined();
  });

  it('tells the log where in the application it failed, and the browser nothing', async () => {
    const told: string[] = [];
    class StackLogger extends RecordingLogger {
      override error(_message: unknown, stack?: unknown): void {
        told.push(String(stack));
      }
    }
    const { browser, callback, server } = await start(new StackLogger());
    decide = () => Promise.reject(new TypeError('no such table'));
    const revoked = server.nextRequest('revocation');
    const answer = await browser.open(await callback(), JSON_PLEASE);
    expect(answer.text).not.toContain('table');
    expect(told.join('\n')).toMatch(
      /Caused by TypeError: no such table\n +at .*sign-in\.spec\.ts:\d+/,
    );
    await revoked;
  });

  it('says that the server failed where the user info is not to be had, and revokes', async () => {
    const { browser, callback, server } = await start();
    server.next('userinfo').respond(500);
    const revoked = server.nextRequest('revocation');
    const answer = await browser.open(await callback(), JSON_PLEASE);
    expect(problem(answer)).toEqual([502, 'token_endpoint']);
    await revoked;
  });

  it('connects the account of who is signed in already', async () => {
    const { browser, callback, github } = await start();
    browser.user = 'user-alice';
    expect((await browser.open(await callback())).status).toBe(303);
    expect(came[0]!.subject).toBe('user-alice');
    expect(await github.for('user-alice').authorized()).toBe(true);
  });

  it('refuses the account of somebody else than who is signed in', async () => {
    const { browser, callback, github } = await start();
    browser.user = 'bob';
    expect((await browser.open(await callback())).status).toBe(409);
    expect(await github.for('user-alice').token()).toBeUndefined();
    expect(await github.for('bob').token()).toBeUndefined();
  });

  it('refuses a callback when somebody has signed in meanwhile', async () => {
    const { browser, callback } = await start();
    const begun = await callback();
    browser.user = 'bob';
    const answer = await browser.open(begun, { headers: { accept: 'application/json' } });
    expect(problem(answer)).toEqual([400, 'mismatching_state']);
    expect(came).toEqual([]);
  });

  it('is no flow that the application itself completes, nor the other way', async () => {
    const { browser, callback, github, server } = await start();
    const begun = await callback();
    const binding = browser.cookies.get('oauth')!.slice(0, 43);
    const completed = github.completeAuthorization({ authorizationResponse: begun, binding });
    await expect(completed).rejects.toMatchObject({ code: 'mismatching_state' });
    const { url } = await github
      .for('bob')
      .authorizationUrl({ binding, redirectUri: begun.split('?')[0]! });
    browser.user = 'bob';
    expect((await browser.open(await server.authorize(url))).status).toBe(400);
  });
});

describe('mistakes with @OnAuthorized', () => {
  async function messageOf(type: new () => object, client = {}, routes: object | null = {}) {
    const server = await startServer();
    const clients = { github: routedClient(server, client) };
    const options = { clients, subject, ...(routes && { routes }) };
    const metadata = { providers: [type] };
    const error = await failure(
      startApplication(platforms[0]!, options, { metadata }),
      ConfigurationError,
    );
    return error.message;
  }

  class OfUnknown {
    @OnAuthorized('githib')
    signIn() {
      return 'alice';
    }
  }

  class Twice extends SignInService {
    @OnAuthorized('github')
    again() {
      return 'alice';
    }
  }

  @Injectable({ scope: Scope.REQUEST })
  class OfRequest {
    @OnAuthorized('github')
    signIn() {
      return 'alice';
    }
  }

  it.each([
    [OfUnknown, {}, {}, /githib.*OfUnknown\.signIn.*no route leads there/],
    [SignInService, {}, null, /SignInService\.signIn.*no route leads there/],
    [SignInService, { shared: true }, {}, /no route leads there/],
    [Twice, {}, {}, /More than one method/],
    [OfRequest, {}, {}, /OfRequest\.signIn is request-scoped/],
  ])('%o is reported at boot', async (type, client, routes, message) => {
    expect(await messageOf(type, client, routes)).toMatch(message);
  });

  it('a controller may have one, too', async () => {
    @Controller()
    class SignInController {
      @OnAuthorized('github')
      signIn() {
        return 'carol';
      }
    }
    const server = await startServer();
    const clients = { github: routedClient(server) };
    const metadata = { controllers: [SignInController] };
    const { origin, registry } = await startApplication(
      platforms[0]!,
      { clients, routes: {}, subject },
      { metadata },
    );
    const browser = new TestBrowser(origin, '');
    await browser.open(await server.authorize(await begin(browser)));
    expect(await registry.get('github').for('carol').authorized()).toBe(true);
  });
});
