import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { hiddenFields } from '../support/oidc-browser.js';
import { platforms } from './application.js';
import {
  begin,
  callbackFor,
  onwardOf,
  problem,
  scene,
  type Scene,
  type SceneOptions,
} from './flow.js';

@Injectable()
class SignedInGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: object }>();
    return 'x-user' in headers;
  }
}

const CALLBACK = '/oauth/github/callback';
const CROSS_SITE = { 'sec-fetch-site': 'cross-site', cookie: '' };

describe.each(platforms)(
  'a callback that the server has the browser post, on $name',
  (platform) => {
    async function posted(options: SceneOptions = {}) {
      const stage = await scene(platform, options);
      const callback = new URL(
        await stage.server.authorize(await begin(stage.browser, '?returnTo=/x')),
      );
      return { ...stage, fields: [...callback.searchParams] };
    }

    /** The page that the server's own post is answered with. */
    const page = ({ browser, fields }: Scene & { fields: [string, string][] }) =>
      browser.post(CALLBACK, fields, CROSS_SITE);

    it('is sent once more from a page of our own, and connects', async () => {
      const stage = await posted();
      const { status, text } = await page(stage);
      expect(status).toBe(200);
      const back = await stage.browser.post(CALLBACK, hiddenFields(text));
      expect([back.status, onwardOf(back)]).toEqual([200, '/x']);
      expect(await stage.registry.get('github').for('alice').authorized()).toBe(true);
    });

    it('comes by a page that runs nothing but its one script, and posts nowhere but here', async () => {
      const { headers, text } = await page(await posted());
      const [, nonce] =
        /script-src 'nonce-([\w-]{22})'/.exec(headers['content-security-policy'] as string) ?? [];
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; script-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      );
      expect(text).toContain(`<script nonce="${nonce}">`);
      expect(text).toContain('<button type="submit">');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('same-origin');
    });

    it('is answered by a page that goes on, and loads and runs nothing', async () => {
      const stage = await scene(platform);
      const query = `?${new URLSearchParams({ returnTo: `/a;url='"><script>?x=1&y=2` })}`;
      const callback = new URL(await callbackFor(stage, query));
      const relayed = [...callback.searchParams, ['oauth_relayed', '1'] as [string, string]];
      const back = await stage.browser.post(CALLBACK, relayed);
      expect(onwardOf(back)).toBe('/a;url=&#39;%22%3E%3Cscript%3E?x=1&amp;y=2');
      expect(back.text).not.toContain('<script');
      expect(back.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src/);
      expect(back.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
    });

    it('has another nonce each time', async () => {
      const stage = await posted();
      const [one, two] = [await page(stage), await page(stage)];
      expect(one.headers['content-security-policy']).not.toBe(
        two.headers['content-security-policy'],
      );
    });

    it('shows what it was sent as text, and takes nothing else on', async () => {
      const stage = await scene(platform);
      const script = '"><script>alert(1)</script>';
      const form = { state: script, error: `'${script}`, extra: 'x', '<b>': 'y' };
      const { text } = await stage.browser.post(CALLBACK, form, CROSS_SITE);
      expect(text).not.toContain('<script>alert');
      expect(hiddenFields(text)).toEqual({
        state: script,
        error: `'${script}`,
        oauth_relayed: '1',
      });
    });

    it('is answered by no second page, whoever posts it', async () => {
      const { browser, fields } = await posted();
      const relayed: [string, string][] = [...fields, ['oauth_relayed', '1']];
      expect((await browser.post(CALLBACK, relayed, CROSS_SITE)).status).toBe(403);
      const foreign = { 'sec-fetch-site': undefined, origin: 'https://evil.example' };
      expect((await browser.post(CALLBACK, relayed, foreign)).status).toBe(403);
    });

    it('needs nobody signed in as long as it is not judged, and passes the guards', async () => {
      const routes = { guards: [SignedInGuard] };
      const stage = await posted({ options: { routes } });
      const crossSite = { ...CROSS_SITE, 'x-user': undefined };
      const { status, text } = await stage.browser.post(CALLBACK, stage.fields, crossSite);
      expect(status).toBe(200);
      const nobody = await stage.other('').post(CALLBACK, hiddenFields(text));
      expect(nobody.status).toBe(403);
      expect(onwardOf(await stage.browser.post(CALLBACK, hiddenFields(text)))).toBe('/x');
    });

    it('is refused in another browser than the flow was begun in', async () => {
      const stage = await posted();
      const { text } = await page(stage);
      const accept = { accept: 'application/json' };
      const answer = await stage.other().post(CALLBACK, hiddenFields(text), accept);
      expect(problem(answer)).toEqual([400, 'mismatching_state']);
      expect(stage.server.journal.count('token')).toBe(0);
    });

    it('is judged as a whole: a repeated parameter is refused', async () => {
      const { browser, fields, server } = await posted();
      const twice: [string, string][] = [...fields, ['code', 'other'], ['oauth_relayed', '1']];
      const answer = await browser.post(CALLBACK, twice, { accept: 'application/json' });
      expect(problem(answer)).toEqual([400, 'authorization_response']);
      expect(server.journal.count('token')).toBe(0);
    });

    it('may not be without end', async () => {
      const { browser } = await scene(platform);
      const form = { state: 'x'.repeat(3_000_000) };
      expect((await browser.post(CALLBACK, form, CROSS_SITE)).status).toBe(413);
    });
  },
);

describe('a posted callback where the application has no body parser', () => {
  const [express] = platforms;

  it('is read from the request itself', async () => {
    const { browser } = await scene(express!, { bodyParser: false });
    const { text } = await browser.post(CALLBACK, { state: 'abc' }, CROSS_SITE);
    expect(hiddenFields(text)).toEqual({ state: 'abc', oauth_relayed: '1' });
  });

  it('is read up to 64 KB', async () => {
    const { browser } = await scene(express!, { bodyParser: false });
    const form = { state: 'x'.repeat(70_000) };
    expect((await browser.post(CALLBACK, form, CROSS_SITE)).status).toBe(413);
  });
});
