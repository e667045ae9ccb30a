import { firstValueFrom } from 'rxjs';
import type { OAuthClientOptions } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { Browser, hiddenFields } from '../support/oidc-browser.js';
import { startOidcServer, Visitor } from '../support/oidc-server.js';
import { platforms, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';
import { JSON_PLEASE, onwardOf, problem } from './flow.js';

const CALLBACK = '/oauth/acme/callback';

describe.each(platforms)('the routes on $name at oidc-provider', (platform) => {
  async function start(more: Partial<OAuthClientOptions> = {}) {
    const options = { clients: {}, routes: {}, subject };
    const { origin, registry } = await startApplication(platform, options);
    const server = await startOidcServer([
      {
        client_id: 'web',
        client_secret: 'web-secret',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${origin}${CALLBACK}`],
      },
    ]);
    const acme = registry.register('acme', {
      issuer: server.issuer,
      clientId: 'web',
      clientSecret: 'web-secret',
      scope: ['openid', 'offline_access', 'read'],
      authorizationParams: { prompt: 'consent' },
      baseURL: server.issuer,
      allowInsecureHttp: true,
      ...more,
    });
    const browser = new TestBrowser(origin);
    const away = async (query = '') =>
      (await browser.open(`/oauth/acme/authorize${query}`)).location;
    return { server, origin, browser, away, alice: acme.for('alice') };
  }

  it('connect, list, call, and disconnect', async () => {
    const { server, origin, browser, away, alice } = await start();
    const visitor = new Visitor('alice@acme');
    const callback = await visitor.authorize(await away('?returnTo=/done'), `${origin}${CALLBACK}`);
    expect((await browser.open(callback)).location).toBe('/done');
    const [connection] = JSON.parse((await browser.open('/oauth/connections')).text) as object[];
    expect(connection).toMatchObject({ client: 'acme', connected: true });
    expect((await firstValueFrom(alice.get('/me'))).data).toEqual({ sub: 'alice@acme' });
    const form = await browser.post('/oauth/acme/disconnect', {}, { 'sec-fetch-mode': 'cors' });
    expect(JSON.parse(form.text)).toEqual({ client: 'acme', connected: false, revoked: true });
    expect(server.revoked).toBe(1);
  });

  it('take a posted callback', async () => {
    const params = { prompt: 'consent', response_mode: 'form_post' };
    const { browser, away, alice } = await start({ authorizationParams: params });
    const visitor = new Browser('alice@acme');
    // Its page would be submitted by the browser: here it is read.
    const page = await visitor.open(await away());
    const crossSite = { 'sec-fetch-site': 'cross-site', cookie: '' };
    const relay = await browser.post(CALLBACK, hiddenFields(page.html), crossSite);
    expect(onwardOf(await browser.post(CALLBACK, hiddenFields(relay.text)))).toBe('/');
    expect((await alice.token())?.claims).toMatchObject({ sub: 'alice@acme' });
  });

  it('say that the user refused, and offer to begin again', async () => {
    const { origin, browser, away } = await start();
    const visitor = new Visitor('alice@acme', false);
    const callback = await visitor.authorize(await away(), `${origin}${CALLBACK}`);
    const { status, text } = await browser.open(callback);
    expect(status).toBe(403);
    expect(text).toContain('The person said no');
    expect(text).toContain('/oauth/acme/authorize');
  });

  it('refuse a callback of another browser, and one that comes twice', async () => {
    const { origin, browser, away, server } = await start();
    const visitor = new Visitor('alice@acme');
    const one = await visitor.authorize(await away(), `${origin}${CALLBACK}`);
    expect(problem(await new TestBrowser(origin).open(one, JSON_PLEASE))).toEqual([
      400,
      'mismatching_state',
    ]);
    const two = await visitor.authorize(await away(), `${origin}${CALLBACK}`);
    expect((await browser.open(two)).status).toBe(303);
    expect((await browser.open(two)).status).toBe(400);
    expect(server.grants).toEqual(['authorization_code']);
  });
});
