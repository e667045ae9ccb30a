import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { begin, callbackFor, scene } from './flow.js';

// A line break in what becomes a header is to add a header, or a whole answer, of the attacker's.
describe.each(platforms)('header injection on $name', (platform) => {
  it.each([
    '/a\r\nSet-Cookie: evil=1',
    '/a\nSet-Cookie: evil=1',
    '/a\r\n\r\n<script>',
    '/a\0b',
    '/a\u0085b',
    '/a\u007fb',
    '/a\u000bb',
  ])('by returnTo %j is refused', async (returnTo) => {
    const { browser } = await scene(platform);
    const query = new URLSearchParams({ returnTo });
    const answer = await browser.open(`/oauth/github/authorize?${query}`);
    expect([answer.status, answer.headers['set-cookie']]).toEqual([400, undefined]);
  });

  it('by characters that a header cuts down is refused: they are encoded', async () => {
    const stage = await scene(platform);
    // As bytes of Latin-1 these are a line break: U+560D, U+560A.
    const returnTo = '/a\u560d\u560aSet-Cookie:evil=1';
    const callback = await callbackFor(stage, `?${new URLSearchParams({ returnTo })}`);
    const { headers, location } = await stage.browser.open(callback);
    expect(location).toBe('/a%E5%98%8D%E5%98%8ASet-Cookie:evil=1');
    expect(headers['set-cookie']!.join()).not.toContain('evil');
  });

  it.each(['scope', 'returnTo', 'state'])(
    'by the parameter %s twice changes nothing',
    async (name) => {
      const { browser } = await scene(platform);
      const url = new URL(await begin(browser, `?${name}=/a&${name}=/b`));
      expect(url.searchParams.getAll('state')).toHaveLength(1);
      expect(url.searchParams.getAll('scope').length).toBeLessThanOrEqual(1);
    },
  );

  it.each(['%0d%0aSet-Cookie:%20evil=1', '%00', 'a%2F..%2Fb', '__proto__', 'constructor'])(
    'by the client %j finds no client',
    async (client) => {
      const { browser } = await scene(platform);
      const { status, headers } = await browser.open(`/oauth/${client}/authorize`);
      expect(status).toBe(404);
      expect(headers['set-cookie']).toBeUndefined();
    },
  );
});
