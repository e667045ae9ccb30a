import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { callbackFor, JSON_PLEASE, problem, scene } from './flow.js';

// RFC 9700, section 4.2.4: a callback that leaked, by a log or a history, is sent again.
describe.each(platforms)('replay of a callback on $name', (platform) => {
  it('is refused in the same browser', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    await stage.browser.open(callback);
    expect(problem(await stage.browser.open(callback, JSON_PLEASE))).toEqual([
      400,
      'mismatching_state',
    ]);
    expect(stage.server.journal.count('token')).toBe(1);
  });

  it('is refused with a copy of the browser’s cookie from before', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    const thief = stage.other('alice');
    for (const [name, value] of stage.browser.cookies) thief.cookies.set(name, value);
    await stage.browser.open(callback);
    expect(problem(await thief.open(callback, JSON_PLEASE))).toEqual([400, 'mismatching_state']);
    expect(stage.server.journal.count('token')).toBe(1);
  });

  it('lets one of twenty at once through', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stage.browser.open(callback)),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(stage.server.journal.count('token')).toBe(1);
  });

  it('finds the flow used up by another browser’s attempt', async () => {
    const stage = await scene(platform);
    const callback = await callbackFor(stage);
    await stage.other('mallory').open(callback);
    expect((await stage.browser.open(callback)).status).toBe(400);
    expect(stage.server.journal.count('token')).toBe(0);
  });
});
