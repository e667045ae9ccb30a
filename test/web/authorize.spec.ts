import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { begin, connect, scene } from './flow.js';

describe.each(platforms)('the authorize route on $name', (platform) => {
  it('wants somebody signed in', async () => {
    const { other, server } = await scene(platform);
    const answer = await other('').open('/oauth/github/authorize');
    expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
    expect(server.journal.count()).toBe(0);
  });

  it.each([
    ['an image', { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }],
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
    ['a script', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
    ['a prerender', { 'sec-purpose': 'prefetch;prerender' }],
    ['an old prefetch', { purpose: 'prefetch' }],
    ['an old prefetch of Firefox', { 'x-moz': 'prefetch' }],
  ])('begins nothing for %s', async (_what, headers) => {
    const { browser } = await scene(platform);
    const answer = await browser.open('/oauth/github/authorize', { headers });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('begins nothing for HEAD', async () => {
    const { browser } = await scene(platform);
    const answer = await browser.open('/oauth/github/authorize', { method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(browser.cookies.size).toBe(0);
  });

  it('begins for a browser that says nothing of itself', async () => {
    const { browser } = await scene(platform);
    const headers = { 'sec-fetch-dest': undefined, 'sec-fetch-mode': undefined };
    expect((await browser.open('/oauth/github/authorize', { headers })).status).toBe(303);
  });

  it.each(['a"b', 'a\\b', 'a\nb', 'ä', '\0', 'a'.repeat(2001)])(
    'refuses the scope %j',
    async (scope) => {
      const { browser } = await scene(platform);
      const answer = await browser.open(
        `/oauth/github/authorize?scope=${encodeURIComponent(scope)}`,
      );
      expect(answer.status).toBe(400);
    },
  );

  it('takes no other parameter over', async () => {
    const { browser } = await scene(platform);
    const query = '?client_id=evil&redirect_uri=https://evil.example&state=fixed&prompt=none';
    const { searchParams } = new URL(await begin(browser, query));
    expect(searchParams.get('client_id')).toBe('client');
    expect(searchParams.get('redirect_uri')).not.toContain('evil');
    expect(searchParams.get('state')).not.toBe('fixed');
    expect(searchParams.has('prompt')).toBe(false);
  });

  it('lets an account be connected again', async () => {
    const stage = await scene(platform);
    await connect(stage);
    const session = stage.registry.get('github').for('alice');
    const first = await session.accessToken();
    await connect(stage);
    expect(await session.accessToken()).not.toBe(first);
  });
});
