import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { platforms, trusting } from './application.js';
import { begin, callbackFor, JSON_PLEASE, problem, scene } from './flow.js';

const secret = () => randomBytes(32).toString('base64url');

// A host below, or beside, the application sets cookies that are sent to it: RFC 6265, section 8.6.
describe.each(platforms)('cookie tossing on $name', (platform) => {
  it('makes the cookie count as absent: twice is never', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    for (const tossed of [secret(), 'x', '']) {
      const cookie = `oauth=${tossed}; ${stage.browser.cookieHeader}`;
      const answer = await stage.browser.open(callback, {
        headers: { ...JSON_PLEASE.headers, cookie },
      });
      expect(problem(answer)).toEqual([400, 'mismatching_state']);
    }
    expect(stage.server.journal.count('token')).toBe(0);
  });

  it('does not let an attacker choose the secret of a browser that has one', async () => {
    const stage = await scene(platform);
    await begin(stage.browser);
    const chosen = secret();
    const cookie = `${stage.browser.cookieHeader}; oauth=${chosen}`;
    const { headers } = await stage.browser.open('/oauth/github/authorize', {
      headers: { cookie },
    });
    expect(headers['set-cookie']!.join()).not.toContain(chosen);
  });

  it.each([
    'short',
    'x'.repeat(5000),
    `${'a'.repeat(43)}.`,
    `${'a'.repeat(43)}.${'b'.repeat(42)}`,
    `${'a'.repeat(43)}${`.${'b'.repeat(43)}`.repeat(21)}`,
    `"${'a'.repeat(43)}"`,
    `${'a'.repeat(42)}%41`,
  ])('puts a new secret in the place of %j', async (value) => {
    const { browser } = await scene(platform);
    browser.cookies.set('oauth', value);
    await begin(browser);
    expect(browser.cookies.get('oauth')).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
    expect(browser.cookies.get('oauth')!.slice(0, 43)).not.toBe(value.slice(0, 43));
  });
});

describe.each(trusting)('cookie tossing over https on $name', (platform) => {
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example' };

  it('is not possible by the plain name: the cookie is one that no other host can set', async () => {
    const stage = await scene(platform);
    const chosen = secret();
    stage.browser.cookies.set('oauth', chosen);
    await begin(stage.browser, '', { headers: https });
    expect(stage.browser.cookies.get('__Host-oauth')).not.toContain(chosen);
  });
});
