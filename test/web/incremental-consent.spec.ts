import { Controller, Get, UseFilters } from '@nestjs/common';
import {
  authorizationRequiredBy,
  AuthorizationRequiredError,
  CurrentSession,
  OAuthExceptionFilter,
  OAuthSession,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import {
  platforms,
  routedClient,
  startApplication,
  subject,
  type Platform,
} from './application.js';
import { TestBrowser, type Answer } from './browser.js';

const challenge = (scope = 'repo gist', status = 403): [number, Record<string, string>] => [
  status,
  { 'WWW-Authenticate': `Bearer realm="api", error="insufficient_scope", scope="${scope}"` },
];

@UseFilters(OAuthExceptionFilter)
@Controller()
class Repositories {
  @Get('repositories')
  async list(@CurrentSession('github') github: OAuthSession): Promise<unknown> {
    return (await firstValueFrom(github.get<{ scope: string[] }>('/repos'))).data.scope;
  }
}

let server: FakeAuthorizationServer;

beforeEach(async () => {
  server = await startServer();
});

describe('an API that demands more scope', () => {
  let session: OAuthSession;
  beforeEach(async () => {
    const client = await bootClient(userClient(server, { scope: ['read:user'] }));
    session = await connectUser(client, server, 'alice', { scope: ['read:user', 'gist'] });
  });

  it.each([403, 401])(
    'fails as before, and says who has to consent to what: %d',
    async (status) => {
      server.next('api').respond(...challenge(undefined, status));
      const error = await failure(firstValueFrom(session.get('/repos')), Error);
      expect(error).toMatchObject({ isAxiosError: true, response: { status } });
      const required = authorizationRequiredBy(error);
      expect(required).toBeInstanceOf(AuthorizationRequiredError);
      expect(required).toMatchObject({
        client: 'client',
        subject: 'alice',
        reason: 'insufficient_scope',
        missing: ['repo'],
        scope: ['read:user'],
      });
      expect(server.journal.tokenRequests()).toEqual([]);
    },
  );

  it('is told of by the Response of fetch, too', async () => {
    server.next('api').respond(...challenge());
    const response = await session.fetch('/repos');
    expect(response.status).toBe(403);
    expect(authorizationRequiredBy(response)).toMatchObject({
      subject: 'alice',
      missing: ['repo'],
    });
  });

  it('is believed where it demands what was granted, and where it names nothing', async () => {
    server.next('api').respond(...challenge('gist'));
    expect(authorizationRequiredBy(await session.fetch('/a'))).toMatchObject({ missing: ['gist'] });
    server.next('api').respond(...challenge(''));
    expect(authorizationRequiredBy(await session.fetch('/b'))).toMatchObject({ missing: [] });
  });

  it('is heard of what is scope, and as much as anybody asks for', async () => {
    const many = Array.from({ length: 200 }, (_, index) => `s${index}`).join(' ');
    server.next('api').respond(...challenge(`a\\"b ü ${'x'.repeat(201)} ${many}`));
    const { missing = [] } = authorizationRequiredBy(await session.fetch('/a')) ?? {};
    expect(missing.slice(0, 2)).toEqual(['s0', 's1']);
    expect(missing).toHaveLength(50);
  });

  it('is not meant by other refusals, other failures and other answers', async () => {
    server.next('api').respond(403);
    expect(authorizationRequiredBy(await session.fetch('/a'))).toBeUndefined();
    server.next('api').respond(403, { 'WWW-Authenticate': 'Bearer error="invalid_request"' });
    expect(authorizationRequiredBy(await session.fetch('/b'))).toBeUndefined();
    server.next('api').respond(404, challenge()[1]);
    expect(authorizationRequiredBy(await session.fetch('/c'))).toBeUndefined();
    for (const other of [undefined, null, 'text', new Error('plain'), new Response(null)]) {
      expect(authorizationRequiredBy(other)).toBeUndefined();
    }
  });

  it('is an API of ours: who a redirect leads to, without the token, demands nothing', async () => {
    const foreign = await startHost((_request, response) => {
      response.writeHead(...challenge()).end();
    });
    server.next('api').redirect(`${foreign.origin}/elsewhere`);
    const response = await session.fetch('/repos');
    expect(response.status).toBe(403);
    expect(authorizationRequiredBy(response)).toBeUndefined();
  });

  it('cannot be helped by a user where a client acts for itself', async () => {
    const machine = await bootClient(machineClient(server));
    server.next('api').respond(...challenge());
    expect(authorizationRequiredBy(await machine.fetch('/repos'))).toBeUndefined();
  });

  it('hands an error of ours back as it is', async () => {
    const stranger = (await bootClient(userClient(server))).for('bob');
    const error = await failure(firstValueFrom(stranger.get('/')), AuthorizationRequiredError);
    expect(authorizationRequiredBy(error)).toBe(error);
  });
});

describe.each(platforms)('incremental consent on $name', (platform) => {
  it('sends the user for what is missing, once, and goes on where they were', async () => {
    const { browser, registry } = await start(platform);
    await connectUser(registry.get('github'), server, 'alice', { scope: ['read:user'] });
    server.next('api').respond(...challenge('repo'));
    const sent = await browser.open('/repositories?page=2');
    expect(sent).toMatchObject({
      status: 303,
      location: '/oauth/github/authorize?returnTo=%2Frepositories%3Fpage%3D2&scope=repo',
    });
    const back = await consented(browser, sent);
    expect(back.location).toBe('/repositories?page=2');
    const { text } = await browser.open(back.location);
    expect(JSON.parse(text)).toEqual(['read:user', 'repo']);
  });

  it('shows a page where the consent did not help, and lets the user decide', async () => {
    const { browser, registry } = await start(platform);
    await connectUser(registry.get('github'), server, 'alice', { scope: ['read:user'] });
    server.always('api').respond(...challenge('repo'));
    const back = await consented(browser, await browser.open('/repositories'));
    const page = await browser.open(back.location);
    expect(page.status).toBe(401);
    expect(page.text).toContain('This needs more permissions of the account github: repo.');
    const link = '/oauth/github/authorize?returnTo=%2Frepositories&amp;scope=repo';
    expect(page.text).toContain(`<a href="${link}">Connect github</a>`);
    expect((await browser.open('/repositories')).status).toBe(303);
  });

  it('knows of a consent that was given for as long as the way back takes', async () => {
    const { browser } = await start(platform);
    const sent = await browser.open('/repositories');
    expect(markIn(sent)).toMatch(/^oauth-asked=[\w-]{12}; .*Max-Age=300$/);
    const mark = browser.cookies.get('oauth-asked');
    expect(markIn(await consented(browser, sent))).toBe(
      `oauth-asked=${mark}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60`,
    );
  });

  it('keeps it under the name of https where browsers reach the routes by that', async () => {
    const redirectUri = 'https://app.example/oauth/github/callback';
    const { browser } = await start(platform, { redirectUri });
    const sent = await browser.open('/repositories');
    expect(markIn(sent)).toMatch(/^__Host-oauth-asked=.*; Secure; Max-Age=300$/);
    expect(markIn(await consented(browser, sent))).toMatch(/^__Host-.*; Max-Age=60$/);
  });

  it('goes on knowing of one that was refused', async () => {
    const { browser } = await start(platform);
    const { location } = await browser.open((await browser.open('/repositories')).location);
    const refused = await browser.open(await server.authorize(location, { consent: false }));
    expect([refused.status, markIn(refused)]).toEqual([403, undefined]);
    expect((await browser.open('/repositories')).status).toBe(401);
  });

  it('sends a user who has disconnected the account at once', async () => {
    const { browser } = await start(platform);
    await consented(browser, await browser.open('/repositories'));
    await browser.post('/oauth/github/disconnect');
    expect((await browser.open('/repositories')).status).toBe(303);
  });

  it('tells a program at once', async () => {
    const { browser, registry } = await start(platform);
    await connectUser(registry.get('github'), server, 'alice', { scope: ['read:user'] });
    server.next('api').respond(...challenge('repo'));
    const headers = { accept: 'application/json', 'sec-fetch-mode': 'cors' };
    const { status, text } = await browser.open('/repositories', { headers });
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({
      reason: 'insufficient_scope',
      missing: ['repo'],
      authorizationUrl: '/oauth/github/authorize?scope=repo',
    });
    expect(browser.cookies.size).toBe(0);
  });

  it('connects an account on the way that was never connected', async () => {
    const { browser } = await start(platform);
    const back = await consented(browser, await browser.open('/repositories'));
    expect(JSON.parse((await browser.open(back.location)).text)).toEqual(['read:user']);
  });
});

async function start(platform: Platform, more: Partial<OAuthClientOptions> = {}) {
  const clients = { github: routedClient(server, { scope: ['read:user'], ...more }) };
  const { origin, registry } = await startApplication(
    platform,
    { clients, subject, routes: {} },
    { metadata: { controllers: [Repositories] } },
  );
  return { browser: new TestBrowser(origin), registry };
}

/** The line of an answer that keeps, or drops, what was asked for. */
function markIn({ headers }: Answer): string | undefined {
  return headers['set-cookie']?.find((line) => line.includes('oauth-asked='));
}

/** Follows a redirect to the authorization server, whose user agrees, and back to the callback. */
async function consented(browser: TestBrowser, { location }: Answer): Promise<Answer> {
  const { location: authorization } = await browser.open(location);
  const agreed = await fetch(authorization, { redirect: 'manual' });
  const callback = new URL(agreed.headers.get('location') ?? '');
  return browser.open(`${callback.pathname}${callback.search}`);
}
