import { Test } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
} from 'nestjs-oauth-client';
import {
  OAuthClientTestingModule,
  OAuthTestKit,
  overrideOAuthClient,
} from 'nestjs-oauth-client/testing';
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

describe('the routes of an application whose client is overridden', () => {
  const github = {
    clientId: 'real-id',
    clientSecret: 'secret',
    authorizationEndpoint: 'https://github.invalid/authorize',
    tokenEndpoint: 'https://github.invalid/access_token',
    baseURL: 'https://api.github.invalid',
  };

  async function start(options: Partial<OAuthClientModuleOptions>) {
    const root = OAuthClientModule.forRoot({ clients: { github }, subject, ...options });
    const builder = Test.createTestingModule({ imports: [root] });
    const module = await overrideOAuthClient(builder, 'github', { token: null }).compile();
    const application = module.createNestApplication({ logger: false });
    await application.listen(0, '127.0.0.1');
    onTestFinished(() => application.close());
    const origin = await application.getUrl();
    const session = application.get(OAuthClientRegistry).get('github');
    return { application, origin, session, browser: new TestBrowser(origin, 'alice') };
  }

  it('take the callback themselves, where the client has no address of its own', async () => {
    const { application, origin, session, browser } = await start({ routes: {} });
    const { location } = await browser.open('/oauth/github/authorize?returnTo=/home');
    const callback = OAuthTestKit.of(application).client('github').authorize(location);
    expect(callback.split('?')[0]).toBe(`${origin}/oauth/github/callback`);
    const back = await browser.open(callback);
    expect([back.status, back.location]).toEqual([303, '/home']);
    expect(await session.for('alice').accessToken()).toBe('github-alice-1');
  });

  it('leave the address alone that the client has', async () => {
    const redirectUri = 'https://app.example/callback';
    const { browser } = await start({
      routes: {},
      clients: { github: { ...github, redirectUri } },
    });
    const { location } = await browser.open('/oauth/github/authorize');
    expect(new URL(location).searchParams.get('redirect_uri')).toBe(redirectUri);
  });

  it.each([
    ['there are none', {}],
    ['they are those of other clients', { routes: { clients: ['other'] } }],
  ])('are of no concern where %s: the test gives the client an address', async (_when, options) => {
    const other = { ...github, redirectUri: 'https://app.example/other' };
    const { session } = await start({ clients: { github, other }, ...options });
    const { url } = await session.for('alice').authorizationUrl();
    expect(new URL(url).searchParams.get('redirect_uri')).toBe('https://app.test/callback');
  });
});
