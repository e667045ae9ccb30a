import { Controller, Get, Redirect } from '@nestjs/common';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { chromiumRemark, launchChromium, withoutChromium } from '../support/chromium.js';
import { startHost } from '../support/host.js';
import { platforms, routedClient, startApplication, subject } from './application.js';

let elsewhere: string;

/** A page of the application that leads on to another site. */
@Controller()
class Leaving {
  @Get('leave')
  @Redirect()
  leave() {
    return { url: elsewhere };
  }
}

// What a browser sends with a post from another site is the browser's word, and no test's.
describe.skipIf(withoutChromium).each(platforms)(
  `a posted callback in Chromium, on $name${chromiumRemark}`,
  (platform) => {
    let chromium: Browser;
    beforeAll(async () => {
      chromium = await launchChromium();
    });
    afterAll(() => chromium?.close());

    /** The authorization server is on another site than the application: localhost and 127.0.0.1. */
    async function start(javaScriptEnabled: boolean, returnTo = '/oauth/connections') {
      const server = await startServer();
      const host = await startHost(async ({ path }, response) => {
        if (!path.startsWith('/authorize')) {
          response.writeHead(path === '/elsewhere' ? 200 : 404).end('elsewhere');
          return;
        }
        const url = `${server.authorizationEndpoint}${new URL(path, host.origin).search}`;
        const callback = new URL(await server.authorize(url));
        const inputs = [...callback.searchParams].map(
          ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
        );
        response.setHeader('content-type', 'text/html');
        response.end(`<form method="post" action="${callback.origin}${callback.pathname}">
          ${inputs.join('')}<button>Allow</button></form>`);
      });
      const authorizationEndpoint = `http://localhost:${host.port}/authorize`;
      const clients = { github: routedClient(server, { authorizationEndpoint }) };
      const options = { clients, routes: {}, subject };
      const metadata = { controllers: [Leaving] };
      const application = await startApplication(platform, options, { metadata });
      elsewhere = `http://localhost:${host.port}/elsewhere`;
      const context = await chromium.newContext({
        javaScriptEnabled,
        extraHTTPHeaders: { 'x-user': 'alice' },
      });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      await page.goto(`${application.origin}/oauth/github/authorize?returnTo=${returnTo}`);
      await page.getByRole('button', { name: 'Allow' }).click();
      return { page, context, ...application };
    }

    it('connects, by the script of the page in between', async () => {
      const { page, context, registry, origin } = await start(true);
      await page.waitForURL(`${origin}/oauth/connections`);
      expect(await registry.get('github').for('alice').authorized()).toBe(true);
      await context.close();
    });

    it('connects, and goes on to where the application leads from there', async () => {
      const { page, context } = await start(true, '/leave');
      await page.waitForURL(elsewhere);
      await context.close();
    });

    it('connects, by its button', async () => {
      const { page, context, registry, origin } = await start(false);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${origin}/oauth/connections`);
      expect(await registry.get('github').for('alice').authorized()).toBe(true);
      await context.close();
    });
  },
);
