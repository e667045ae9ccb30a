import { describe, expect, it } from 'vitest';
import { MemoryAuthorizationRequestStore } from 'nestjs-oauth-client';
import type { AuthorizationRequestRecord } from 'nestjs-oauth-client';
import { platforms } from './application.js';
import { connect, scene } from './flow.js';

const ELSEWHERE = [
  'https://evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/%2Fevil.example',
  '/%2fevil.example',
  '/%5Cevil.example',
  '/./\\evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/x/%2e%2e//evil.example',
  '/x/.%2E/%5Cevil.example',
  '//user:password@evil.example',
  '/\u2028/evil.example\\',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '@evil.example',
  '?x',
  '',
  `/${'x'.repeat(2000)}`,
];

// RFC 9700, section 4.11.1: a link to the application is to lead elsewhere.
describe.each(platforms)('an open redirect by returnTo on $name', (platform) => {
  it('is refused, however it is written', async () => {
    const { browser } = await scene(platform);
    for (const returnTo of ELSEWHERE) {
      const query = new URLSearchParams({ returnTo });
      const { status, headers } = await browser.open(`/oauth/github/authorize?${query}`);
      expect({ returnTo, status, to: headers.location }).toEqual({
        returnTo,
        status: 400,
        to: undefined,
      });
    }
  });

  it.each([
    ['/settings', '/settings'],
    ['/a?next=https://evil.example', '/a?next=https://evil.example'],
    ['/a/../b', '/b'],
    ['/@evil.example', '/@evil.example'],
    ['/ä ö', '/%C3%A4%20%C3%B6'],
    ['/a#top', '/a#top'],
  ])('is none: %j leads to %j', async (returnTo, path) => {
    const stage = await scene(platform);
    const answer = await connect(stage, `?${new URLSearchParams({ returnTo })}`);
    expect([answer.status, answer.location]).toEqual([303, path]);
    expect(new URL(answer.location, stage.origin).origin).toBe(stage.origin);
  });

  it('is refused where somebody has written to the request store', async () => {
    class Tampered extends MemoryAuthorizationRequestStore {
      override async take(hash: string): Promise<AuthorizationRequestRecord | undefined> {
        const record = await super.take(hash);
        return record && { ...record, returnTo: '//evil.example' };
      }
    }
    const options = { authorizationRequestStore: new Tampered() };
    const answer = await connect(await scene(platform, { options }));
    expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
  });

  it('is none by the host that the request names, once the origin is set', async () => {
    const routes = { origin: 'https://app.example' };
    const { browser } = await scene(platform, { options: { routes } });
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const { location } = await browser.open('/oauth/github/authorize', { headers });
    expect(decodeURIComponent(location)).not.toContain('evil.example');
  });

  it.each(['evil.example/x', 'evil.example:99999', 'a b', 'user@evil.example'])(
    'is none by the host %j',
    async (host) => {
      const { browser } = await scene(platform);
      const answer = await browser.open('/oauth/github/authorize', { headers: { host } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    },
  );
});
