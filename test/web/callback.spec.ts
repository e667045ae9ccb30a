import { describe, expect, it } from 'vitest';
import type { OAuthClientModuleOptions } from 'nestjs-oauth-client';
import { startServer } from '../support/application.js';
import { TestClock } from '../support/test-clock.js';
import {
  platforms,
  routedClient,
  startApplication,
  subject,
  type Platform,
} from './application.js';
import { TestBrowser } from './browser.js';
import { begin, callbackFor, connect, JSON_PLEASE, problem, scene } from './flow.js';

describe.each(platforms)('the callback route on $name', (platform: Platform) => {
  async function refusal(path: string, stage: { browser: TestBrowser }) {
    return problem(await stage.browser.open(path, JSON_PLEASE));
  }

  it('refuses what was never begun', async () => {
    const stage = await scene(platform);
    await begin(stage.browser);
    const path = '/oauth/github/callback?code=code&state=unknown';
    expect(await refusal(path, stage)).toEqual([400, 'mismatching_state']);
  });

  it('refuses what holds nothing', async () => {
    const stage = await scene(platform);
    await begin(stage.browser);
    expect(await refusal('/oauth/github/callback', stage)).toEqual([400, 'mismatching_state']);
  });

  it('refuses a callback without a code', async () => {
    const stage = await scene(platform);
    const state = new URL(await begin(stage.browser)).searchParams.get('state');
    const path = `/oauth/github/callback?state=${state}`;
    expect(await refusal(path, stage)).toEqual([400, 'missing_code']);
  });

  it('says that the user refused', async () => {
    const stage = await scene(platform);
    const callback = await stage.server.authorize(await begin(stage.browser), { consent: false });
    expect(await refusal(callback, stage)).toEqual([403, 'authorization_response']);
  });

  it('refuses a callback that comes late, by the clock', async () => {
    const clock = new TestClock();
    const server = await startServer();
    const options: OAuthClientModuleOptions = {
      clients: { github: routedClient(server) },
      routes: {},
      subject,
      clock,
    };
    const { origin } = await startApplication(platform, options);
    const browser = new TestBrowser(origin);
    const callback = await server.authorize(await begin(browser));
    clock.advance(600);
    expect(await refusal(callback, { browser })).toEqual([400, 'mismatching_state']);
  });

  it('says 401 when nobody is signed in any more, and the flow is used', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    stage.browser.user = '';
    expect((await stage.browser.open(callback)).status).toBe(401);
    stage.browser.user = 'alice';
    expect(await refusal(callback, stage)).toEqual([400, 'mismatching_state']);
    expect(stage.server.journal.count('token')).toBe(0);
  });

  it('shows people a page', async () => {
    const stage = await scene(platform);
    const answer = await stage.browser.open('/oauth/github/callback?state=unknown');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.status).toBe(400);
  });

  it.each([
    ['HEAD', { method: 'HEAD' }, 405],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch' } }, 403],
    ['an image', { headers: { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' } }, 403],
  ])('is not used up by %s', async (_what, asking, status) => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    expect((await stage.browser.open(callback, asking)).status).toBe(status);
    expect((await stage.browser.open(callback)).status).toBe(303);
  });

  it('says that the token endpoint failed, and stores nothing', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    stage.server.next('token').respondJson(400, { error: 'invalid_grant' });
    expect((await refusal(callback, stage))[1]).toBe('token_endpoint');
    expect(await stage.registry.get('github').for('alice').token()).toBeUndefined();
  });

  it('forgets the flow in the cookie, and keeps the secret', async () => {
    const stage = await scene(platform);
    await connect(stage);
    expect(stage.browser.cookies.get('oauth')).toMatch(/^[\w-]{43}$/);
  });
});
