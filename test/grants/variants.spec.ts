import {
  AuthorizationRequiredError,
  ScopeMismatchError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { RenewalBench } from '../support/renewal-bench.js';
import { DeviceBench } from '../support/device-bench.js';

const RESOURCE = ['https://one.example', 'https://two.example'];
const AUDIENCE = ['api'];
const MAIL = { scope: ['mail'], resource: RESOURCE, audience: AUDIENCE };
const CREDENTIALS = { username: 'alice', password: 'x' };

let bench: RenewalBench;
let alice: OAuthSession;
let mail: OAuthSession;

async function boot(client: Partial<OAuthClientOptions> = {}): Promise<void> {
  bench = await RenewalBench.start();
  alice = await bench.user({ scope: ['read'], ...client }, { token: false });
  mail = alice.with(MAIL);
}

function expectTargets(params: URLSearchParams): void {
  expect(params.getAll('resource')).toEqual(RESOURCE);
  expect(params.getAll('audience')).toEqual(AUDIENCE);
}

const lastForm = () => bench.server.journal.requests('token').at(-1)!.form;

/** Both have a token now, and get another one when it expires. */
async function expectBothRenewed(): Promise<void> {
  const first = await mail.accessToken();
  expect(bench.tokenRequests).toBe(1);
  expect(await alice.accessToken()).not.toBe(first);
  bench.expire();
  const renewed = await mail.accessToken();
  expect(renewed).not.toBe(first);
  expectTargets(lastForm());
  expect(lastForm().get('scope')).toBe('mail');
  expect(await alice.accessToken()).not.toBe(renewed);
  expect(lastForm().has('resource')).toBe(false);
  expect((await mail.token())?.refreshToken).toBeUndefined();
  expect(bench.server.journal.entries('token').some(({ replay }) => replay === true)).toBe(false);
}

describe('a password on a session of with()', () => {
  beforeEach(() => boot({ grant: 'password' }));

  it('goes with scope, resource and audience', async () => {
    const token = await mail.fetchToken(CREDENTIALS);
    expect(lastForm().get('scope')).toBe('mail');
    expectTargets(lastForm());
    expect(token.refreshToken).toBeUndefined();
    expect((await mail.token())?.accessToken).toBe(token.accessToken);
  });

  it('connects the subject: the session and that of the grant are renewed from then on', async () => {
    await mail.fetchToken(CREDENTIALS);
    expect((await alice.token())?.refreshToken).toEqual(expect.any(String));
    await expectBothRenewed();
  });

  it('replaces the grant that was there, and the variants that came of it', async () => {
    await alice.fetchToken(CREDENTIALS);
    const other = alice.with({ audience: ['other'] });
    await other.accessToken();
    const before = (await alice.token())?.refreshToken;
    await mail.fetchToken(CREDENTIALS);
    expect((await alice.token())?.refreshToken).not.toBe(before);
    expect(await other.token()).toBeUndefined();
    expect(await mail.accessToken()).toBe((await mail.token())?.accessToken);
  });

  it('does not pass for the scope that the client itself asks for', async () => {
    await boot({ grant: 'password', scopePolicy: 'missing' });
    await mail.fetchToken(CREDENTIALS);
    expect(await mail.accessToken()).toEqual(expect.any(String));
    expect((await failure(alice.accessToken(), ScopeMismatchError)).missing).toEqual(['read']);
  });

  it('leaves the grant as it is when no refresh token comes', async () => {
    bench.server.next('token').transformJson((json) => ({ ...json, refresh_token: undefined }));
    const token = await mail.fetchToken(CREDENTIALS);
    expect(await alice.token()).toBeUndefined();
    expect(await mail.accessToken()).toBe(token.accessToken);
    bench.expire();
    await failure(mail.accessToken(), AuthorizationRequiredError);
  });
});

describe('a code on a session of with()', () => {
  beforeEach(() => boot());

  it('is asked for with resource and audience, and exchanged with them', async () => {
    const { url } = await mail.authorizationUrl();
    const query = new URL(url).searchParams;
    expectTargets(query);
    expect(query.get('scope')).toBe('mail');
    await mail.completeAuthorization({ authorizationResponse: await bench.server.authorize(url) });
    expectTargets(lastForm());
  });

  it('brings the session that the flow was begun on, whoever completes it', async () => {
    const callback = await callbackOf(mail, bench.server, { binding: 'browser' });
    const { session, token } = await alice.completeAuthorization({
      authorizationResponse: callback,
      binding: 'browser',
    });
    expectTargets(lastForm());
    expect(session).toMatchObject({ subject: 'alice', scope: ['mail'] });
    expect((await session.token())?.accessToken).toBe(token.accessToken);
    await expectBothRenewed();
  });

  it('is of that session, too, where the application has judged the callback', async () => {
    const { url, state } = await mail.authorizationUrl();
    const code = new URL(await bench.server.authorize(url)).searchParams.get('code')!;
    const token = await mail.fetchToken({ code, state });
    expectTargets(lastForm());
    expect(token.refreshToken).toBeUndefined();
    await expectBothRenewed();
  });
});

describe('a token in a fragment on a session of with()', () => {
  it('is asked for with resource and audience, and is that session’s alone', async () => {
    await boot({ grant: 'implicit' });
    const { url } = await mail.authorizationUrl();
    expectTargets(new URL(url).searchParams);
    const token = await mail.tokenFromFragment(await bench.server.authorize(url));
    expect(await mail.accessToken()).toBe(token.accessToken);
    expect(await alice.token()).toBeUndefined();
  });
});

describe('a device on a session of with()', () => {
  it('sends resource and audience in both requests, and connects the subject', async () => {
    const device = await DeviceBench.start();
    ({ bench, alice } = device);
    mail = alice.with(MAIL);
    const { pending, end } = await device.begin(mail);
    const { form } = bench.server.journal.requests('device_authorization')[0]!;
    expectTargets(form);
    expect(form.get('scope')).toBe('mail');
    bench.server.approveDevice(pending.userCode, 'alice');
    await device.passAndAsk(5);
    await end;
    expectTargets(lastForm());
    await expectBothRenewed();
  });
});
