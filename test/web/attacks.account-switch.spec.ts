import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { callbackFor, JSON_PLEASE, problem, scene } from './flow.js';

// Somebody else signs in, in the same browser, between the way out and the way back.
describe.each(platforms)('an account switch on $name', (platform) => {
  it('connects neither who began nor who came back', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    stage.browser.user = 'bob';
    expect(problem(await stage.browser.open(callback, JSON_PLEASE))).toEqual([
      400,
      'mismatching_state',
    ]);
    for (const user of ['alice', 'bob']) {
      expect(await stage.registry.get('github').for(user).token()).toBeUndefined();
    }
    expect(stage.server.journal.count('token')).toBe(0);
  });

  it('is noticed where the account is one for all users, too', async () => {
    const stage = await scene(platform, { client: { shared: true } });
    const callback = await callbackFor(stage);
    stage.browser.user = 'bob';
    expect(problem(await stage.browser.open(callback, JSON_PLEASE))).toEqual([
      400,
      'mismatching_state',
    ]);
    expect(await stage.registry.get('github').token()).toBeUndefined();
  });

  it('leaves nothing to come back to', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    stage.browser.user = 'bob';
    await stage.browser.open(callback);
    stage.browser.user = 'alice';
    expect((await stage.browser.open(callback)).status).toBe(400);
  });
});
