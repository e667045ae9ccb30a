import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { platforms, routedClient, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';
import { begin, JSON_PLEASE, problem } from './flow.js';

// RFC 9700, section 4.4; RFC 9207: the code of an honest server is to be sent to another one.
describe.each(platforms)('mix-up on $name', (platform) => {
  async function start() {
    const [honest, evil] = [await startServer(), await startServer()];
    const clients = {
      github: routedClient(honest, { issuer: honest.issuer }),
      evil: routedClient(evil, { issuer: evil.issuer }),
    };
    const { origin } = await startApplication(platform, { clients, routes: {}, subject });
    return { honest, evil, browser: new TestBrowser(origin) };
  }

  it('is refused by the issuer that the answer names', async () => {
    const { honest, evil, browser } = await start();
    const callback = new URL(await honest.authorize(await begin(browser)));
    callback.searchParams.set('iss', evil.issuer);
    const answer = await browser.open(callback.href, JSON_PLEASE);
    expect(problem(answer)).toEqual([400, 'authorization_response']);
    expect(honest.journal.count('token') + evil.journal.count('token')).toBe(0);
  });

  it('is refused at the callback of another client', async () => {
    const { honest, evil, browser } = await start();
    const callback = await honest.authorize(await begin(browser));
    const moved = callback.replace('/oauth/github/', '/oauth/evil/');
    expect(problem(await browser.open(moved, JSON_PLEASE))).toEqual([400, 'mismatching_state']);
    expect(honest.journal.count('token') + evil.journal.count('token')).toBe(0);
  });

  it('is told apart by a redirect URI for each client', async () => {
    const { browser } = await start();
    const uris = ['github', 'evil'].map(async (client) => {
      const { location } = await browser.open(`/oauth/${client}/authorize`);
      return new URL(new URL(location).searchParams.get('redirect_uri')!).pathname;
    });
    expect(await Promise.all(uris)).toEqual(['/oauth/github/callback', '/oauth/evil/callback']);
  });
});
