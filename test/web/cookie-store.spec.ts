import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { ConfigurationError, CookieAuthorizationRequestStore } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { platforms } from './application.js';
import {
  begin,
  callbackFor,
  connect,
  JSON_PLEASE,
  problem,
  scene,
  type SceneOptions,
} from './flow.js';

const key = () => randomBytes(32).toString('base64url');
const FLOW = 'oauth-flow-';

function inCookies(keys = [key()]): SceneOptions {
  const authorizationRequestStore = new CookieAuthorizationRequestStore({ keys });
  return { options: { authorizationRequestStore } };
}

describe.each(platforms)('pending requests in cookies on $name', (platform) => {
  const flowsOf = ({ cookies }: { cookies: Map<string, string> }) =>
    [...cookies.keys()].filter((name) => name.startsWith(FLOW));

  it('connect an account, and are gone then', async () => {
    const stage = await scene(platform, inCookies());
    const callback = await callbackFor(stage, '?returnTo=/x');
    expect(flowsOf(stage.browser)).toHaveLength(1);
    expect((await stage.browser.open(callback)).location).toBe('/x');
    expect(flowsOf(stage.browser)).toEqual([]);
    expect(await stage.registry.get('github').for('alice').authorized()).toBe(true);
  });

  it('are out of the reach of scripts, for ten minutes, and tell nothing', async () => {
    const { browser } = await scene(platform, inCookies());
    const { headers, location } = await browser.open('/oauth/github/authorize?returnTo=/secret');
    const line = headers['set-cookie']!.find((one) => one.startsWith(FLOW))!;
    expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const state = new URL(location).searchParams.get('state')!;
    for (const told of [state, 'alice', '/secret']) expect(line).not.toContain(told);
  });

  it('are used by a callback that fails, too', async () => {
    const stage = await scene(platform, inCookies());
    const callback = await stage.server.authorize(await begin(stage.browser), { consent: false });
    await stage.browser.open(callback, JSON_PLEASE);
    expect(flowsOf(stage.browser)).toEqual([]);
    const again = await stage.browser.open(callback, JSON_PLEASE);
    expect(problem(again)).toEqual([400, 'mismatching_state']);
  });

  it('are answered by another process with the same key, and by none without', async () => {
    const keys = [key()];
    const [one, same, other] = [
      await scene(platform, inCookies(keys)),
      await scene(platform, { ...inCookies(keys) }),
      await scene(platform, inCookies()),
    ];
    const { search } = new URL(await callbackFor(one));
    const answers = [same, other].map(({ origin }) => {
      const { browser } = one;
      const url = `${origin}/oauth/github/callback${search}`;
      return browser.open(url, JSON_PLEASE);
    });
    const [bySame, byOther] = await Promise.all(answers);
    // The code is of another server: what counts is that the flow was found.
    expect(problem(bySame!)[1]).toBe('token_endpoint');
    expect(problem(byOther!)).toEqual([400, 'mismatching_state']);
  });

  it('are refused in another browser', async () => {
    const stage = await scene(platform, inCookies());
    const callback = await callbackFor(stage);
    const thief = stage.other();
    for (const name of flowsOf(stage.browser))
      thief.cookies.set(name, stage.browser.cookies.get(name)!);
    await begin(thief);
    expect(problem(await thief.open(callback, JSON_PLEASE))).toEqual([400, 'mismatching_state']);
  });

  it('are refused under the state of another flow', async () => {
    const stage = await scene(platform, inCookies());
    const [first, second] = [await callbackFor(stage), await callbackFor(stage)];
    const [one, two] = flowsOf(stage.browser);
    stage.browser.cookies.set(one!, stage.browser.cookies.get(two!)!);
    const answers = [
      await stage.browser.open(first, JSON_PLEASE),
      await stage.browser.open(second),
    ];
    expect(problem(answers[0]!)).toEqual([400, 'mismatching_state']);
    expect(answers[1]!.status).toBe(303);
  });

  it('are never more than fit a request: the oldest go', async () => {
    const stage = await scene(platform, inCookies());
    const first = await callbackFor(stage);
    for (let more = 0; more < 30; more += 1) await begin(stage.browser);
    expect(stage.browser.cookieHeader.length).toBeLessThan(8 * 1024);
    expect(flowsOf(stage.browser).length).toBeLessThanOrEqual(20);
    expect((await stage.browser.open(first)).status).toBe(400);
    expect((await connect(stage)).status).toBe(303);
  });
});

describe('CookieAuthorizationRequestStore', () => {
  it('is refused outside of the routes, with what to do', async () => {
    const { registry } = await scene(platforms[0]!, {
      ...inCookies(),
      client: { redirectUri: 'https://app.example/callback' },
    });
    const error = await failure(
      registry.get('github').for('alice').authorizationUrl(),
      ConfigurationError,
    );
    expect(error.message).toMatch(/outside of the routes.*authorize route/);
  });

  it('wants keys of 32 bytes', () => {
    expect(() => new CookieAuthorizationRequestStore({ keys: ['short'] })).toThrow(
      ConfigurationError,
    );
  });

  it('says 503 when the keys cannot be had', async () => {
    const keys = () => Promise.reject(new Error('kms-secret'));
    const authorizationRequestStore = new CookieAuthorizationRequestStore({ keys });
    const { browser } = await scene(platforms[0]!, { options: { authorizationRequestStore } });
    const answer = await browser.open('/oauth/github/authorize', JSON_PLEASE);
    expect(problem(answer)).toEqual([503, 'token_store']);
    expect(answer.text).not.toContain('kms-secret');
  });

  it('shows no key', () => {
    const secret = key();
    const store = new CookieAuthorizationRequestStore({ keys: [{ kid: 'a', key: secret }] });
    expect(inspect(store)).toBe('CookieAuthorizationRequestStore { kids: ["a"] }');
    expect(JSON.stringify(store)).toBe('{"kids":["a"]}');
  });
});
