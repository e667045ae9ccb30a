import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSample, type Sample } from '../../sample/02-connect-accounts/start-sample.js';
import { chromiumRemark, launchChromium, withoutChromium } from '../support/chromium.js';
import { ConnectionsScreen } from './connections.screen.js';

const FILES = 'acme-files';
const MAIL = 'acme-mail';
const USED = 'This cannot be completed';
const anyPorts = { application: 0, authorizationServer: 0, api: 0 };

const platforms = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const;

describe.skipIf(withoutChromium).each(platforms)(
  `sample 02 in a browser on %s${chromiumRemark}`,
  (_, platform) => {
    let browser: Browser;
    let sample: Sample;
    const contexts: BrowserContext[] = [];

    /** A browser of its own: nobody's cookies. */
    async function freshBrowser(): Promise<BrowserContext> {
      const context = await browser.newContext();
      contexts.push(context);
      context.setDefaultTimeout(10_000);
      return context;
    }

    async function open(running = sample): Promise<ConnectionsScreen> {
      return ConnectionsScreen.open(await freshBrowser(), running);
    }

    beforeAll(async () => {
      browser = await launchChromium();
      sample = await startSample({ ports: anyPorts, adapter: platform() });
    });

    afterEach(async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    });

    afterAll(async () => {
      await sample?.close();
      await browser?.close();
    });

    test('connect, call, expire, renew, 100 calls, disconnect', async () => {
      const shortLived = await startSample({
        ports: anyPorts,
        accessTokenSeconds: 3,
        adapter: platform(),
      });
      try {
        const screen = await open(shortLived);
        await screen.state(FILES, 'not-connected');

        await screen.grants(FILES, 0);
        await screen.connect(FILES, 'bob');
        await screen.grants(FILES, 1);
        expect(await screen.card(FILES).innerText()).toMatch(/files:read[^]*expires in 0:0[0-3]/);
        await screen.press(FILES, 'Call');
        expect(await screen.result(FILES, 'answered 200')).toContain('"owner": "bob"');

        await screen.state(FILES, 'expired');
        await screen.press(FILES, 'Call');
        await screen.result(FILES, 'answered 200');
        await screen.logged(FILES, 'refreshed');
        await screen.state(FILES, 'connected');
        expect(shortLived.counters().tokenRequests[FILES]).toEqual({
          authorization_code: 1,
          refresh_token: 1,
        });

        await screen.press(FILES, '100 calls');
        await screen.result(FILES, '1 token request, 100 × 200');

        await screen.press(FILES, 'Disconnect');
        await screen.state(FILES, 'not-connected');
        await screen.page.reload();
        await screen.state(FILES, 'not-connected');
        await screen.page.getByRole('link', { name: 'your Acme account page' }).click();
        await screen.text('No application may use your account.');
        expect(shortLived.counters().answers['/files']).toEqual({ 200: 102 });
      } finally {
        await shortLived.close();
      }
    });

    test('the application calls for itself, with no one connected', async () => {
      const screen = await open();
      await screen.press('acme-billing', 'Call');
      expect(await screen.result('acme-billing', 'answered 200')).toContain('2026-001');
      await screen.state('acme-billing', 'connected');
    });

    test('Cancel on the consent page, and a reload after it: a clear page, nothing lost', async () => {
      const screen = await open();
      await screen.connect(MAIL);
      await screen.begin(FILES);
      await screen.page.getByRole('button', { name: 'Cancel' }).click();
      await screen.heading('Access was denied');
      await screen.page.reload();
      await screen.heading(USED);
      await screen.home();
      await screen.state(MAIL, 'connected');
      await screen.state(FILES, 'not-connected');
    });

    test('Cancel while it is connected already: it stays connected', async () => {
      const screen = await open();
      await screen.connect(FILES);
      await screen.page.goto(`${sample.addresses.application}/oauth/${FILES}/authorize`);
      await screen.page.getByRole('button', { name: 'Cancel' }).click();
      await screen.heading('Access was denied');
      await screen.home();
      await screen.state(FILES, 'connected');
      await screen.press(FILES, 'Call');
      await screen.result(FILES, 'answered 200');
    });

    test('Back, and the callback opened again: a clear page, nothing lost', async () => {
      const screen = await open();
      await screen.begin(FILES);
      const returned = screen.page.waitForRequest(/\/callback\?/);
      await screen.allow();
      const callback = (await returned).url();
      await screen.state(FILES, 'connected');

      await screen.page.goBack();
      await screen.heading('This page can’t go on');
      await screen.page.goForward();
      await screen.state(FILES, 'connected');

      for (const visit of ['goto', 'reload'] as const) {
        if (visit === 'goto') await screen.page.goto(callback);
        else await screen.page.reload();
        await screen.heading(USED);
      }
      await screen.home();
      await screen.press(FILES, 'Call');
      await screen.result(FILES, 'answered 200');
    });

    test('two tabs connect at once, and each shows what the other did', async () => {
      const context = await freshBrowser();
      const first = await ConnectionsScreen.open(context, sample);
      const second = await ConnectionsScreen.open(context, sample);
      const third = await ConnectionsScreen.open(context, sample);
      await first.begin(FILES);
      await second.begin(MAIL);
      await third.begin(FILES);

      await third.allow();
      await third.state(FILES, 'connected');
      await first.allow();
      await first.state(FILES, 'connected');
      await first.live();
      await first.state(MAIL, 'not-connected');
      await second.allow();

      for (const tab of [first, second, third]) {
        await tab.state(FILES, 'connected');
        await tab.state(MAIL, 'connected');
      }
      await first.press(FILES, '100 calls');
      await first.result(FILES, '1 token request, 100 × 200');
    });

    test('a callback opened in another browser is refused, and connects nobody', async () => {
      const mine = await open();
      const theirs = await open();
      await mine.begin(FILES);
      const callback = await mine.allowWithoutReturning();
      const exchanged = () => sample.counters().tokenRequests[FILES]?.['authorization_code'];
      const before = exchanged();

      await theirs.page.goto(callback);
      await theirs.heading(USED);
      await theirs.home();
      await theirs.state(FILES, 'not-connected');

      await mine.home();
      await mine.state(FILES, 'not-connected');
      expect(exchanged()).toBe(before);
      await mine.connect(FILES);
    });

    test('access withdrawn at the provider: needs reconnecting, and can be', async () => {
      const screen = await open();
      await screen.connect(FILES);
      await screen.page.getByRole('link', { name: 'your Acme account page' }).click();
      await screen.page.getByRole('button', { name: 'Withdraw' }).click();
      await screen.text('No application may use your account.');

      await screen.home();
      await screen.press(FILES, 'Call');
      await screen.result(FILES, 'The connection to the account acme-files has ended.');
      await screen.state(FILES, 'needs-reconnect');
      await screen.page.reload();
      await screen.state(FILES, 'needs-reconnect');
      await screen.connect(FILES);
    });

    test('what the provider says is shown as text, never run as markup', async () => {
      const screen = await open();
      const sent = screen.page.waitForRequest((request) => request.url().includes('/auth?'));
      await screen.begin(FILES);
      const state = new URL((await sent).url()).searchParams.get('state');
      const callback = new URL(`/oauth/${FILES}/callback`, sample.addresses.application);
      callback.search = String(
        new URLSearchParams({
          error: 'server_error',
          error_description: '<img src=x id=injected>',
          state: state ?? '',
          iss: sample.addresses.authorizationServer,
        }),
      );
      await screen.page.goto(callback.href);
      await screen.text('<img src=x id=injected>');
      expect(await screen.page.locator('#injected').count()).toBe(0);
    });

    test('another site’s page cannot press the buttons', async () => {
      const screen = await open();
      await screen.connect(FILES);
      const { application } = sample.addresses;
      const cookies = await screen.page.context().cookies(application);
      const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      for (const button of [`oauth/${FILES}/disconnect`, `connections/${FILES}/burst`]) {
        const headers = { Cookie, Origin: 'http://127.0.0.1:9' };
        const response = await fetch(`${application}/${button}`, { method: 'POST', headers });
        expect(response.status).toBe(403);
      }
      await screen.state(FILES, 'connected');
    });
  },
);
