import { describe, expect, it } from 'vitest';
import { platforms } from './application.js';
import { connect, scene } from './flow.js';

// Another site's page sends the victim's browser to end the victim's connection.
describe.each(platforms)('CSRF on disconnect on $name', (platform) => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a host beside', { 'sec-fetch-site': 'same-site' }],
    ['nowhere', { 'sec-fetch-site': 'none' }],
    ['another origin', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['an opaque origin', { 'sec-fetch-site': undefined, origin: 'null' }],
    ['who does not say', { 'sec-fetch-site': undefined }],
    ['who says both', { 'sec-fetch-site': ['same-origin', 'cross-site'] }],
  ])('is refused from %s', async (_what, headers) => {
    const stage = await scene(platform);
    await connect(stage);
    const answer = await stage.browser.post('/oauth/github/disconnect', {}, headers);
    expect(answer.status).toBe(403);
    expect(await stage.registry.get('github').for('alice').authorized()).toBe(true);
  });

  it('is refused from the same host by another port', async () => {
    const stage = await scene(platform);
    await connect(stage);
    const origin = 'http://127.0.0.1:1';
    const headers = { 'sec-fetch-site': undefined, origin };
    expect((await stage.browser.post('/oauth/github/disconnect', {}, headers)).status).toBe(403);
  });

  it('is no matter of GET', async () => {
    const stage = await scene(platform);
    await connect(stage);
    expect((await stage.browser.open('/oauth/github/disconnect')).status).toBe(404);
    expect(await stage.registry.get('github').for('alice').authorized()).toBe(true);
  });
});
