import { ConfigurationError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { scene, type SceneOptions } from './flow.js';

const [express] = platforms;
const origin = 'https://app.example';

async function registryOf(options: SceneOptions) {
  return (await scene(express!, options)).registry;
}

describe('connectUrl', () => {
  it('is the authorize route at routes.origin, without a state', async () => {
    const registry = await registryOf({ options: { routes: { origin } } });
    expect(registry.connectUrl('github')).toBe('https://app.example/oauth/github/authorize');
    const given = { returnTo: '/settings?tab=1', scope: ['repo', 'user'] };
    expect(registry.connectUrl('github', given)).toBe(
      'https://app.example/oauth/github/authorize?returnTo=%2Fsettings%3Ftab%3D1&scope=repo+user',
    );
  });

  it('has the global prefix and the path of the routes', async () => {
    const registry = await registryOf({
      options: { routes: { origin, path: 'accounts' } },
      change: (application) => void application.setGlobalPrefix('api'),
    });
    expect(registry.connectUrl('github')).toBe('https://app.example/api/accounts/github/authorize');
  });

  it('leads into a flow that connects', async () => {
    const stage = await scene(express!, { options: { routes: { origin } } });
    const { pathname, search } = new URL(
      stage.registry.connectUrl('github', { returnTo: '/done' }),
    );
    const { location } = await stage.browser.open(pathname + search);
    const callback = new URL(await stage.server.authorize(location));
    const back = await stage.browser.open(callback.pathname + callback.search);
    expect(back.location).toBe('/done');
  });

  it('is read from an https redirect URI at these routes', async () => {
    const redirectUri = 'https://app.example/oauth/github/callback';
    const registry = await registryOf({ client: { redirectUri } });
    expect(registry.connectUrl('github')).toBe('https://app.example/oauth/github/authorize');
  });

  it.each([
    ['no address', {}, /Set routes\.origin/],
    [
      'a redirect URI elsewhere',
      { client: { redirectUri: 'https://a.example/cb' } },
      /routes\.origin/,
    ],
    ['no routes', { options: { routes: undefined } }, /Set the option routes/],
    ['other clients', { options: { routes: { origin, clients: [] } } }, /routes\.clients/],
  ])('is refused with %s, and the error says what to set', async (_what, options, message) => {
    const registry = await registryOf(options);
    expect(() => registry.connectUrl('github')).toThrow(ConfigurationError);
    expect(() => registry.connectUrl('github')).toThrow(message);
  });

  it('is refused for a client that does not exist', async () => {
    const registry = await registryOf({ options: { routes: { origin } } });
    expect(() => registry.connectUrl('githib')).toThrow(/githib.*Did you mean "github"/);
  });

  it.each([{ returnTo: '//evil.example' }, { returnTo: 'x' }, { scope: ['a"b'] }])(
    'is refused with %j',
    async (given) => {
      const registry = await registryOf({ options: { routes: { origin } } });
      expect(() => registry.connectUrl('github', given)).toThrow(ConfigurationError);
    },
  );
});
