import type { INestApplication } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms } from './application.js';
import { begin, callbackFor, JSON_PLEASE, problem, scene } from './flow.js';

// RFC 6749, section 10.12; RFC 9700, section 4.7: the victim's session is to get the attacker's
// account connected, by a callback that the attacker has begun and not opened.
describe.each(platforms)('login CSRF on $name', (platform) => {
  it('is refused where the victim’s browser has begun nothing', async () => {
    const stage = await scene(platform);
    const victim = stage.other('alice');
    const callback = await callbackFor({ ...stage, browser: stage.other('mallory') });
    expect(problem(await victim.open(callback, JSON_PLEASE))).toEqual([400, 'mismatching_state']);
    expect(stage.server.journal.count('token')).toBe(0);
    expect(await stage.registry.get('github').for('alice').token()).toBeUndefined();
  });

  it('is refused where the victim’s browser has begun a flow of its own', async () => {
    const stage = await scene(platform);
    await begin(stage.browser);
    const callback = await callbackFor({ ...stage, browser: stage.other('alice') });
    expect(problem(await stage.browser.open(callback, JSON_PLEASE))).toEqual([
      400,
      'mismatching_state',
    ]);
    expect(stage.server.journal.count('token')).toBe(0);
  });

  it('is refused by a code of the attacker’s in the victim’s own flow', async () => {
    const stage = await scene(platform);
    const own = new URL(await callbackFor(stage));
    const foreign = new URL(await callbackFor({ ...stage, browser: stage.other('mallory') }));
    own.searchParams.set('code', foreign.searchParams.get('code')!);
    const answer = await stage.browser.open(own.href, JSON_PLEASE);
    expect(problem(answer)[1]).toBe('token_endpoint');
    expect(await stage.registry.get('github').for('alice').token()).toBeUndefined();
  });

  it('raises no alarm in the log by a code that is nobody’s', async () => {
    const logger = new RecordingLogger();
    const change = (application: INestApplication) => application.useLogger(logger);
    const stage = await scene(platform, { change });
    const callback = new URL(await callbackFor(stage));
    callback.searchParams.set('code', 'made-up');
    expect(problem(await stage.browser.open(callback.href, JSON_PLEASE))[1]).toBe('token_endpoint');
    expect(logger.errors).toEqual([]);
    expect(logger.warnings.join()).toContain('invalid_grant');
  });

  it('begins nothing by an image on the attacker’s page', async () => {
    const { browser } = await scene(platform);
    const headers = { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' };
    await browser.open('/oauth/github/authorize', { headers });
    expect(browser.cookies.size).toBe(0);
  });
});
