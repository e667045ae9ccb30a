import { Test } from '@nestjs/testing';
import { OAuthClientRegistry } from 'nestjs-oauth-client';
import { OAuthClientTestingModule, OAuthTestKit } from 'nestjs-oauth-client/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { subject } from '../web/application.js';
import { TestBrowser } from '../web/browser.js';

describe('the routes of a module with test clients', () => {
  it('connect a user, with no address to be configured', async () => {
    const clients = { github: { grant: 'authorization_code', token: null } } as const;
    const module = await Test.createTestingModule({
      imports: [OAuthClientTestingModule.forRoot({ clients, routes: {}, subject })],
    }).compile();
    const application = module.createNestApplication({ logger: false });
    await application.listen(0, '127.0.0.1');
    onTestFinished(() => application.close());
    const origin = await application.getUrl();
    const browser = new TestBrowser(origin, 'alice');

    const { location } = await browser.open('/oauth/github/authorize?returnTo=/home');
    const callback = OAuthTestKit.of(application).client('github').authorize(location);
    expect(callback).toMatch(/^https:\/\/app\.test\/oauth\/github\/callback\?code=/);
    const back = await browser.open(callback.replace('https://app.test', origin));

    expect([back.status, back.location]).toEqual([303, '/home']);
    const alice = application.get(OAuthClientRegistry).get('github').for('alice');
    expect(await alice.accessToken()).toBe('github-alice-1');
  });
});
