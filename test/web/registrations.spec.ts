import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { platforms, routedClient, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';

describe.each(platforms)('the routes of clients in a repository on $name', (platform) => {
  async function start() {
    const server = await startServer();
    const tenants = new Map([['tenant-42', routedClient(server)]]);
    const asked: string[] = [];
    const repository = {
      async find(name: string) {
        asked.push(name);
        return tenants.get(name);
      },
    };
    const allowedHosts = [new URL(server.issuer).host];
    const options = {
      clients: {},
      routes: {},
      subject,
      registrations: { repository, allowedHosts },
    };
    const stage = await startApplication(platform, options);
    return { server, ...stage, asked, browser: new TestBrowser(stage.origin) };
  }

  it('connect an account', async () => {
    const { server, browser, registry, origin } = await start();
    const { location } = await browser.open('/oauth/tenant-42/authorize');
    const callback = await server.authorize(location);
    expect(callback.startsWith(`${origin}/oauth/tenant-42/callback?`)).toBe(true);
    expect((await browser.open(callback)).status).toBe(303);
    const tenant = await registry.resolve('tenant-42');
    expect(await tenant.for('alice').authorized()).toBe(true);
  });

  it('are found by their name alone', async () => {
    const { browser } = await start();
    const { status, text } = await browser.open('/oauth/tenant-43/authorize');
    expect(status).toBe(404);
    expect(text).not.toContain('42');
  });

  it('are looked up for nobody who is not signed in', async () => {
    const { origin, asked } = await start();
    const nobody = new TestBrowser(origin, '');
    expect((await nobody.open('/oauth/tenant-42/authorize')).status).toBe(401);
    expect((await nobody.post('/oauth/tenant-42/disconnect')).status).toBe(401);
    expect((await nobody.open('/oauth/tenant-42/callback?state=x')).status).toBe(401);
    const relayed = { oauth_relayed: '1', state: 'x' };
    expect((await nobody.post('/oauth/tenant-42/callback', relayed)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('ask for no name that could be none', async () => {
    const { browser, asked } = await start();
    await browser.open(`/oauth/${'x'.repeat(201)}/authorize`);
    await browser.open('/oauth/a%0Ab/authorize');
    expect(asked).toEqual([]);
  });
});
