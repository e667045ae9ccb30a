import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import {
  Catch,
  type ArgumentsHost,
  type ExceptionFilter,
  type HttpServer,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AxiosError } from 'axios';
import type { OAuthClientModuleOptions } from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { startServer } from '../support/application.js';
import {
  platforms,
  routedClient,
  startApplication,
  subject,
  type Platform,
} from './application.js';
import { TestBrowser } from './browser.js';
import { ATTACK, Everywhere, Failing } from './exception-filter.fixtures.js';

const REDIRECT = 'https://app.example/oauth/github/callback';
const JSON_TYPE = 'application/problem+json; charset=utf-8';
const API = { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

let logger: RecordingLogger;
let adapter: HttpServer;

beforeEach(() => {
  logger = new RecordingLogger();
});

/** The application with its routes mounted, and its user's browser. */
async function start(
  platform: Platform,
  more: Partial<OAuthClientModuleOptions> = { routes: {} },
  providers: Provider[] = [],
  controllers: Type[] = [Failing],
) {
  const clients = { github: routedClient(await startServer(), { redirectUri: REDIRECT }) };
  const { origin } = await startApplication(
    platform,
    { clients, subject, ...more },
    {
      metadata: { controllers, providers },
      change: (app) => {
        app.useLogger(logger);
        adapter = app.getHttpAdapter();
      },
    },
  );
  return Object.assign(new TestBrowser(origin), { origin });
}

describe.each(platforms)('OAuthExceptionFilter on $name', (platform) => {
  it('sends a browser to the authorize route, and back to where it was', async () => {
    const browser = await start(platform);
    const answer = await browser.open('/repositories?page=2&sort=name');
    expect(answer.status).toBe(303);
    const returnTo = encodeURIComponent('/repositories?page=2&sort=name');
    expect(answer.location).toBe(`/oauth/github/authorize?returnTo=${returnTo}`);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('answers a program with problem+json and the address to authorize at', async () => {
    const browser = await start(platform);
    const { status, headers, text } = await browser.open('/repositories', { headers: API });
    expect(status).toBe(401);
    expect(headers['content-type']).toBe(JSON_TYPE);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(text)).toEqual({
      type: 'urn:nestjs-oauth-client:error:authorization_required',
      code: 'authorization_required',
      title: 'Your consent is needed',
      status: 401,
      detail: 'This needs the account github, which is not connected.',
      client: 'github',
      reason: 'no_token',
      missing: [],
      authorizationUrl: '/oauth/github/authorize',
    });
  });

  it('names the address in full where the options say the origin, behind the prefix', async () => {
    const browser = await start(platform, {
      routes: { path: '/connect/', origin: 'https://app.example' },
    });
    const { text } = await browser.open('/repositories', { headers: API });
    const authorizationUrl = 'https://app.example/connect/github/authorize';
    expect(JSON.parse(text)).toMatchObject({ authorizationUrl });
  });

  it('answers 401 without an address where no routes are mounted', async () => {
    const browser = await start(platform, {});
    const program = await browser.open('/repositories', { headers: API });
    expect(program.status).toBe(401);
    expect(JSON.parse(program.text)).not.toHaveProperty('authorizationUrl');
    const page = await browser.open('/repositories');
    expect(page.status).toBe(401);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).not.toContain('<a ');
  });

  it.each(['/of-bob', '/of-all'])('sends nobody to consent for somebody else: %s', async (path) => {
    const browser = await start(platform);
    const page = await browser.open(path);
    expect(page.status).toBe(401);
    expect(page.text).not.toContain('<a ');
    const program = await browser.open(path, { headers: API });
    expect(JSON.parse(program.text)).not.toHaveProperty('authorizationUrl');
    expect(program.text).not.toContain('bob');
  });

  it('redirects neither forms nor what a browser loads ahead', async () => {
    const browser = await start(platform);
    const form = await browser.open('/repositories', { method: 'POST', form: {} });
    expect(form.status).toBe(401);
    expect(form.text).toContain('<a href="/oauth/github/authorize">Connect github</a>');
    const ahead = await browser.open('/repositories', { headers: { 'sec-purpose': 'prefetch' } });
    expect(ahead.status).toBe(401);
    const frame = await browser.open('/repositories', { headers: { 'sec-fetch-dest': 'iframe' } });
    expect(frame.status).toBe(401);
  });

  it.each(['//evil.example/a', '/\\evil.example', '/a/..//evil.example', 'http://evil.example/'])(
    'returns nowhere else: %s',
    async (path) => {
      const { origin } = await start(platform, { routes: {} }, [], [Everywhere]);
      const headers = { 'x-user': 'alice', accept: 'text/html' };
      const sent = request(origin, { path, headers, agent: false }).end();
      const [{ headers: answered }] = (await once(sent, 'response')) as [IncomingMessage];
      expect(answered.location ?? '').not.toContain('evil');
    },
  );

  it('shows what a server says, and runs none of it', async () => {
    const browser = await start(platform);
    const { status, text, headers } = await browser.open('/refused');
    expect(status).toBe(403);
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toMatch(/<script|<img|\r/);
    expect(text).toContain('<a href="/oauth/github/authorize?returnTo=%2Fsettings">Try again</a>');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(text).toContain('<html lang="en">');
    const json = JSON.parse((await browser.open('/refused', { headers: API })).text) as object;
    expect(json).toMatchObject({ status: 403, client: 'github' });
    expect(JSON.stringify(json)).not.toContain(ATTACK);
  });

  it.each([
    ['/state', 400, undefined],
    ['/busy', 503, '7'],
    ['/broken', 502, undefined],
    ['/lease', 503, '1'],
    ['/configuration', 500, undefined],
  ])('answers %s with %d', async (path, status, retryAfter) => {
    const browser = await start(platform);
    const answer = await browser.open(path, { headers: API });
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(JSON.parse(answer.text)).toMatchObject({ status });
    expect(logger.errors).toHaveLength(status >= 500 ? 1 : 0);
  });

  it('keeps what is only ours for the log', async () => {
    const browser = await start(platform);
    const page = await browser.open('/configuration');
    const json = await browser.open('/configuration', { headers: API });
    for (const { text } of [page, json]) expect(text).not.toMatch(/pem|Mount|github/);
    expect(logger.errors).toHaveLength(2);
    expect(logger.errors[0]).toContain('The key file /etc/keys/github.pem is missing. Mount it.');
  });

  it('leaves other exceptions to Nest', async () => {
    const browser = await start(platform);
    for (const path of ['/plain', '/axios']) {
      const { status, text } = await browser.open(path);
      expect(status).toBe(500);
      expect(JSON.parse(text)).toEqual({ statusCode: 500, message: 'Internal server error' });
    }
    const nowhere = await browser.open('/nowhere');
    expect(JSON.parse(nowhere.text)).toMatchObject({ statusCode: 404 });
  });

  it("leaves other errors of axios to the application's own filter", async () => {
    @Catch(AxiosError)
    class BadGateway implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        adapter.reply(host.getArgByIndex(1), 'own', 502);
      }
    }
    const own = { provide: APP_FILTER, useClass: BadGateway };
    const browser = await start(platform, { routes: {} }, [own]);
    expect(await browser.open('/axios')).toMatchObject({ status: 502, text: 'own' });
  });
});
