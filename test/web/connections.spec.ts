import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { connect, scene } from './flow.js';

describe.each(platforms)('the connections route on $name', (platform) => {
  it('lists the user’s clients and their states, and no secret', async () => {
    const stage = await scene(platform, { client: { scope: ['read'] } });
    const before = await stage.browser.open('/oauth/connections');
    const addresses = {
      authorizeUrl: '/oauth/github/authorize',
      disconnectUrl: '/oauth/github/disconnect',
    };
    expect(JSON.parse(before.text)).toEqual([
      { client: 'github', connected: false, scope: ['read'], ...addresses },
    ]);
    await connect(stage);
    const token = (await stage.registry.get('github').for('alice').token())!;
    const { text, headers } = await stage.browser.open('/oauth/connections');
    expect(JSON.parse(text)).toEqual([
      {
        client: 'github',
        connected: true,
        scope: ['read'],
        expiresAt: token.expiresAt,
        ...addresses,
      },
    ]);
    expect(text).not.toContain(token.accessToken);
    expect(text).not.toContain(token.refreshToken);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('is another list for another user, and none for nobody', async () => {
    const stage = await scene(platform);
    await connect(stage);
    const ofBob = await stage.other('bob').open('/oauth/connections');
    expect(JSON.parse(ofBob.text)).toMatchObject([{ client: 'github', connected: false }]);
    expect((await stage.other('').open('/oauth/connections')).status).toBe(401);
  });
});
