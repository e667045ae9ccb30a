import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Controller, Get, UseFilters } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import {
  CurrentSession,
  OAuthClientModule,
  OAuthExceptionFilter,
  type Connection,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { scene, type SceneOptions } from './flow.js';

@UseFilters(OAuthExceptionFilter)
@Controller('repositories')
class RepositoriesController {
  @Get()
  async list(@CurrentSession('github') github: OAuthSession): Promise<unknown> {
    return (await github.fetch('/user/repos')).json();
  }
}

/** Sends a request line with a whole address in it, as to a proxy. RFC 9112, section 3.2.2. */
async function rawly(origin: string, path: string, { user }: { user: string }) {
  const headers = { 'x-user': user, accept: 'text/html' };
  const sent = request(origin, { path, headers, agent: false }).end();
  const [message] = (await once(sent, 'response')) as [IncomingMessage];
  message.resume();
  return { status: message.statusCode, location: message.headers.location ?? '' };
}

// Whatever names an address of the routes must name the one at which they are mounted.
describe.each(platforms)('addresses of the routes on $name', (platform) => {
  async function addresses(path: string, options: SceneOptions) {
    const stage = await scene(platform, {
      ...options,
      metadata: { controllers: [RepositoriesController], ...options.metadata },
    });
    const { browser, registry } = stage;
    const away = await browser.open(`${path}/github/authorize`);
    const redirectUri = new URL(new URL(away.location).searchParams.get('redirect_uri')!).pathname;
    const shown = await browser.open(`${path}/connections`, { headers: { accept: '*/*' } });
    const [connection] = JSON.parse(shown.text) as Connection[];
    const sent = await browser.open(options.metadata ? '/repositories' : '/api/repositories');
    return {
      redirectUri,
      connection: connection?.authorizeUrl,
      sent: sent.location.split('?')[0],
      mail: new URL(registry.connectUrl('github')).pathname,
      callback: (await browser.open(redirectUri)).status,
      disconnect: (await browser.post(connection!.disconnectUrl)).status,
    };
  }

  const expected = (base: string) => ({
    redirectUri: `${base}/github/callback`,
    connection: `${base}/github/authorize`,
    sent: `${base}/github/authorize`,
    mail: `${base}/github/authorize`,
    callback: 400,
    disconnect: 303,
  });

  /** What a mail leads to needs an origin. */
  const routes = { origin: 'http://127.0.0.1' };

  it.each([['oauth/*path'], ['/oauth/{*path}']])(
    'stand outside of the global prefix where that excludes %s',
    async (exclude) => {
      const change: SceneOptions['change'] = (application) =>
        void application.setGlobalPrefix('api', { exclude: [exclude] });
      const found = await addresses('/oauth', { change, options: { routes } });
      expect(found).toEqual(expected('/oauth'));
    },
  );

  it('name the callback where it alone is excluded from the global prefix', async () => {
    const { browser, origin } = await scene(platform, {
      change: (application) =>
        void application.setGlobalPrefix('api', { exclude: ['oauth/:client/callback'] }),
    });
    const { location } = await browser.open('/api/oauth/github/authorize');
    const redirectUri = new URL(location).searchParams.get('redirect_uri')!;
    expect(redirectUri).toBe(`${origin}/oauth/github/callback`);
    expect((await browser.open(redirectUri)).status).toBe(400);
  });

  it('stand behind the path that a RouterModule gives the module', async () => {
    const found = await addresses('/account/oauth', {
      metadata: {
        imports: [RouterModule.register([{ path: 'account', module: OAuthClientModule }])],
        controllers: [RepositoriesController],
      },
      options: { routes },
    });
    expect(found).toEqual(expected('/account/oauth'));
  });

  it('hold no host of a request line that names one', async () => {
    const { browser, origin } = await scene(platform);
    const { host } = new URL(origin);
    const path = `http://${host}/oauth/github/authorize`;
    const { status, location } = await rawly(origin, path, browser);
    expect(status).toBe(303);
    expect(new URL(location).searchParams.get('redirect_uri')).toBe(
      `${origin}/oauth/github/callback`,
    );
  });
});
