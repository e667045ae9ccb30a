import { describe, expect, it } from 'vitest';
import { platforms, trusting } from './application.js';
import { begin, callbackFor, connect, scene } from './flow.js';

const paramsOf = (url: string) => new URL(url).searchParams;

describe.each(platforms)('connecting an account on $name', (platform) => {
  it('goes to the server, comes back, and is where the user wanted to be', async () => {
    const stage = await scene(platform);
    const away = await begin(stage.browser, '?returnTo=/settings?tab=accounts');
    expect(paramsOf(away).get('redirect_uri')).toBe(`${stage.origin}/oauth/github/callback`);
    const back = await stage.browser.open(await stage.server.authorize(away));
    expect([back.status, back.location]).toEqual([303, '/settings?tab=accounts']);
    expect(await stage.registry.get('github').for('alice').authorized()).toBe(true);
  });

  it('ends on the first page when nothing else was asked for', async () => {
    const { status, location } = await connect(await scene(platform));
    expect([status, location]).toEqual([303, '/']);
  });

  it('asks for more scope beside what the client asks for and what is granted', async () => {
    const stage = await scene(platform, { client: { scope: ['read'] } });
    await connect(stage, '?scope=write');
    const more = await begin(stage.browser, '?scope=delete%20admin');
    expect(paramsOf(more).get('scope')).toBe('read write delete admin');
    expect(paramsOf(await begin(stage.browser)).get('scope')).toBe('read');
  });

  it('keeps two users apart', async () => {
    const stage = await scene(platform);
    const bob = stage.other('bob');
    const [ofAlice, ofBob] = [
      await callbackFor(stage),
      await callbackFor({ ...stage, browser: bob }),
    ];
    await stage.browser.open(ofAlice);
    expect(await stage.registry.get('github').for('bob').authorized()).toBe(false);
    await bob.open(ofBob);
    expect(await stage.registry.get('github').for('bob').authorized()).toBe(true);
  });

  it('completes flows of two tabs, in whatever order', async () => {
    const stage = await scene(platform);
    const [first, second] = [
      await callbackFor(stage, '?returnTo=/1'),
      await callbackFor(stage, '?returnTo=/2'),
    ];
    expect((await stage.browser.open(second)).location).toBe('/2');
    expect((await stage.browser.open(first)).location).toBe('/1');
  });

  it('connects the account that all users share, by whoever is signed in', async () => {
    const stage = await scene(platform, { client: { shared: true } });
    expect((await connect(stage)).status).toBe(303);
    expect(await stage.registry.get('github').authorized()).toBe(true);
    const nobody = await stage.other('').open('/oauth/github/authorize');
    expect(nobody.status).toBe(401);
  });

  it('has one cookie of the browser, out of the reach of scripts and other sites', async () => {
    const { browser } = await scene(platform);
    const answer = await browser.open('/oauth/github/authorize');
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^oauth=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    await begin(browser);
    expect([...browser.cookies.keys()]).toEqual(['oauth']);
  });

  it('is in no cache and tells nobody where it came from', async () => {
    const stage = await scene(platform);
    const answers = [
      await stage.browser.open('/oauth/github/authorize'),
      await stage.browser.open('/oauth/connections'),
      await stage.browser.open('/oauth/github/callback?state=unknown'),
      await stage.other('').open('/oauth/github/authorize'),
      await stage.browser.post('/oauth/github/disconnect'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([303, 200, 400, 401, 303]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
    }
  });
});

describe.each(trusting)('behind a proxy that is trusted on $name', (platform) => {
  const proxied = { headers: { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example' } };

  it('derives the redirect URI from what the browser asked the proxy for', async () => {
    const { browser } = await scene(platform);
    const away = await begin(browser, '', proxied);
    expect(paramsOf(away).get('redirect_uri')).toBe('https://app.example/oauth/github/callback');
  });

  it('has a cookie that no other host can set', async () => {
    const { browser } = await scene(platform);
    const { headers } = await browser.open('/oauth/github/authorize', proxied);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-oauth=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ]);
  });

  it('completes the flow', async () => {
    const stage = await scene(platform);
    const callback = new URL(await stage.server.authorize(await begin(stage.browser, '', proxied)));
    expect(callback.origin).toBe('https://app.example');
    const back = await stage.browser.open(callback.pathname + callback.search, proxied);
    expect(back.status).toBe(303);
  });
});

describe.each(platforms)('the redirect URI on $name', (platform) => {
  const redirectUriOf = (url: string) => paramsOf(url).get('redirect_uri');

  it('believes no proxy header when the application trusts none', async () => {
    const { browser, origin } = await scene(platform);
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };
    const away = await begin(browser, '', { headers });
    expect(redirectUriOf(away)).toBe(`${origin}/oauth/github/callback`);
  });

  it('is refused over http on another host, and the error says what to set', async () => {
    const { browser } = await scene(platform);
    const headers = { host: 'app.example', accept: 'application/json' };
    const answer = await browser.open('/oauth/github/authorize', { headers });
    expect(answer.status).toBe(500);
    expect(answer.headers['location']).toBeUndefined();
  });

  it('stands at routes.origin when that is set', async () => {
    const routes = { origin: 'https://app.example' };
    const { browser } = await scene(platform, { options: { routes } });
    expect(redirectUriOf(await begin(browser))).toBe('https://app.example/oauth/github/callback');
    expect([...browser.cookies.keys()]).toEqual(['__Host-oauth']);
  });

  it('is the one of the client when that has one', async () => {
    const redirectUri = 'https://app.example/elsewhere';
    const { browser } = await scene(platform, { client: { redirectUri } });
    expect(redirectUriOf(await begin(browser))).toBe(redirectUri);
  });
});
