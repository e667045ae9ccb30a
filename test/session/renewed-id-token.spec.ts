import {
  TokenEndpointError,
  type OAuthSession,
  type TokenEvent,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

let server: FakeAuthorizationServer;
let clock: TestClock;
let alice: OAuthSession;
let first: TokenSet;
let events: TokenEvent[];

beforeEach(async () => {
  clock = new TestClock();
  server = await startServer({ now: () => clock.now() / 1000 });
  const { tokenEndpoint: _token, authorizationEndpoint: _authorize, ...rest } = userClient(server);
  const options = { ...rest, issuer: server.issuer, scope: ['openid'] };
  alice = (await bootClient(options, { clock })).for('alice');
  first = await authorize(alice, server);
  events = [];
  alice.events$.subscribe((event) => events.push(event));
});

/** Lets the next renewal bring an ID token of other claims, signed by the server or by nobody. */
function change(claims: Record<string, unknown>, header: Record<string, unknown> = {}): void {
  const idToken = server.signIdToken({ ...first.claims, ...claims }, header);
  server.next('token').transformJson((json) => ({ ...json, id_token: idToken }));
}

const refusals = () => events.filter(({ type }) => type === 'id_token_refused');

describe('an ID token of a renewal', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['from the future', { iat: 99_999_999_999 }, {}, 'its iat is missing or wrong'],
    ['that has expired', { exp: 1 }, {}, 'it has expired'],
    ['of another access token', { at_hash: 'AAAA' }, {}, 'it is of another access token'],
    ['of another nonce', { nonce: 'other' }, {}, 'its nonce is another than before'],
    ['of another time', { auth_time: 1 }, {}, 'the user signed in at another time than before'],
    ['for another client', { aud: 'other' }, {}, 'it is for another client'],
    ['of an unknown key', {}, { kid: 'unknown' }, 'a key that the server does not name'],
  ])('%s leaves the former one, and the new tokens', async (_what, claims, header, why) => {
    change(claims, header);
    const token = await alice.refreshToken();
    expect(token.accessToken).not.toBe(first.accessToken);
    expect([token.claims, token.idToken]).toEqual([first.claims, first.idToken]);
    expect(refusals()).toEqual([
      expect.objectContaining({ subject: 'alice', error: expect.stringContaining(why) as unknown }),
    ]);
    expect((await alice.refreshToken()).claims?.sub).toBe('alice');
    expect(refusals()).toHaveLength(1);
  });

  it('that cannot be verified now leaves the former one', async () => {
    server.rotateSigningKey();
    server.always('jwks').respond(503);
    const token = await alice.refreshToken();
    expect([token.claims, token.idToken]).toEqual([first.claims, first.idToken]);
    expect(refusals()).toMatchObject([{ error: 'discovery' }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another user', { sub: 'mallory' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another user, and expired', { sub: 'mallory', exp: 1 }],
    ['another user, by a key of nobody', { sub: 'mallory' }, { kid: 'unknown' }],
  ])('of %s is refused, and what came is revoked', async (_what, claims, header) => {
    const came: string[] = [];
    const idToken = server.signIdToken({ ...first.claims, ...claims }, header);
    server.next('token').transformJson((json) => {
      came.push(String(json['access_token']), String(json['refresh_token']));
      return { ...json, id_token: idToken };
    });
    await failure(alice.refreshToken(), TokenEndpointError);
    expect((await alice.token())?.accessToken).toBe(first.accessToken);
    await vi.waitFor(() =>
      expect(came.map((token) => server.isLive(token))).toEqual([false, false]),
    );
    expect(refusals()).toEqual([]);
  });
});

describe('an ID token of an exchange', () => {
  it('that is refused leaves no token alive', async () => {
    const came: string[] = [];
    server.next('token').transformJson((json) => {
      came.push(String(json['access_token']), String(json['refresh_token']));
      return { ...json, id_token: server.signIdToken({ ...first.claims, aud: 'other' }) };
    });
    await failure(authorize(alice, server), TokenEndpointError);
    await vi.waitFor(() =>
      expect(came.map((token) => server.isLive(token))).toEqual([false, false]),
    );
  });

  it('that nobody asked for is not looked at', async () => {
    const { tokenEndpoint: _one, authorizationEndpoint: _other, ...rest } = userClient(server);
    const options = { ...rest, issuer: server.issuer, scope: ['read'] };
    const bob = (await bootClient(options, { clock })).for('bob');
    server.next('token').transformJson((json) => ({ ...json, id_token: 'a.b.c' }));
    const token = await authorize(bob, server);
    expect([token.claims, token.idToken, token.raw['id_token']]).toEqual([
      undefined,
      undefined,
      'a.b.c',
    ]);
  });
});
