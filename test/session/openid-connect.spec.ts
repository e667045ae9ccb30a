import { createHash } from 'node:crypto';
import { TokenEndpointError, type OAuthSession, type TokenSet } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

let server: FakeAuthorizationServer;
let clock: TestClock;
let alice: OAuthSession;

/** Connects, with an ID token of these claims and header in place of the server's own. */
async function connect(
  change?: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<TokenSet> {
  if (change) {
    server.next('token').transformJson((json) => {
      const claims = { ...claimsOf(json['id_token']), ...change };
      const defined = Object.entries(claims).filter(([, value]) => value !== undefined);
      return { ...json, id_token: server.signIdToken(Object.fromEntries(defined), header) };
    });
  }
  return authorize(alice, server);
}

function claimsOf(jwt: unknown): Record<string, unknown> {
  const payload = Buffer.from(String(jwt).split('.')[1]!, 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown>;
}

const keySets = () => server.journal.requests('jwks').length;

beforeEach(async () => {
  clock = new TestClock();
  server = await startServer({ now: () => clock.now() / 1000 });
  const { tokenEndpoint: _token, authorizationEndpoint: _authorize, ...rest } = userClient(server);
  const options = { ...rest, issuer: server.issuer, scope: ['openid'] };
  alice = (await bootClient(options, { clock })).for('alice');
});

describe('an ID token', () => {
  it('is verified, and its claims are on the token set', async () => {
    const token = await connect();
    expect(token.claims).toMatchObject({ iss: server.issuer, sub: 'alice', aud: 'client' });
    expect(token.idToken).toBeTypeOf('string');
    expect((await alice.token())?.claims?.sub).toBe('alice');
    expect(keySets()).toBe(1);
  });

  it.each([
    ['an issuer that is another', { iss: 'https://evil.example' }, 'it is of another issuer'],
    ['an audience that is another', { aud: 'other' }, 'it is for another client'],
    ['several audiences without a party', { aud: ['client', 'other'] }, 'no authorized party'],
    ['a party that is another', { azp: 'other' }, 'its authorized party is another client'],
    ['a nonce that is another', { nonce: 'other' }, 'its nonce is not the one sent'],
    ['no nonce', { nonce: undefined }, 'its nonce is not the one sent'],
    ['an end in the past', { exp: 1 }, 'it has expired'],
    ['a beginning in the future', { iat: 99_999_999_999 }, 'its iat is missing or wrong'],
    ['no end', { exp: undefined }, 'its exp is missing or wrong'],
    ['no subject', { sub: undefined }, 'its sub is missing or wrong'],
    ['a hash of another access token', { at_hash: 'AAAA' }, 'it is of another access token'],
  ])('is refused for %s', async (_what, change, why) => {
    const error = await failure(connect(change), TokenEndpointError);
    expect(error.message).toContain(why);
    expect(await alice.token()).toBeUndefined();
  });

  it('is accepted with a little leeway, and with the hash of its access token', async () => {
    const now = Math.floor(clock.now() / 1000);
    await connect({ exp: now - 20, iat: now + 20 });
    server.next('token').transformJson((json) => {
      const digest = createHash('sha256').update(String(json['access_token'])).digest();
      const at_hash = digest.subarray(0, 16).toString('base64url');
      return { ...json, id_token: server.signIdToken({ ...claimsOf(json['id_token']), at_hash }) };
    });
    expect((await authorize(alice, server)).claims).toHaveProperty('at_hash');
  });

  it('is refused without a signature', async () => {
    server.next('token').transformJson((json) => {
      const header = Buffer.from('{"alg":"none"}').toString('base64url');
      const [, payload] = String(json['id_token']).split('.');
      return { ...json, id_token: `${header}.${payload}.` };
    });
    const error = await failure(authorize(alice, server), TokenEndpointError);
    expect(error.message).toContain('not signed with an algorithm that the server names');
  });

  it('is refused with a signature that is of something else', async () => {
    server.next('token').transformJson((json) => {
      const [header, , signature] = String(json['id_token']).split('.');
      const claims = { ...claimsOf(json['id_token']), sub: 'mallory' };
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return { ...json, id_token: `${header}.${payload}.${signature}` };
    });
    const error = await failure(authorize(alice, server), TokenEndpointError);
    expect(error.message).toContain('its signature is wrong');
  });

  it('is demanded where a nonce was sent', async () => {
    server.next('token').transformJson((json) => ({ ...json, id_token: undefined }));
    const error = await failure(authorize(alice, server), TokenEndpointError);
    expect(error.message).toContain('no ID token');
  });

  it('never shows in an error', async () => {
    const error = await failure(connect({ aud: 'other', email: 'alice@example' }), Error);
    expect(JSON.stringify(error) + error.stack + String(error.cause)).not.toMatch(/eyJ|alice@/);
  });
});

describe('the keys of the server', () => {
  it('are read once, and once more for a key that is not among them', async () => {
    await connect();
    await connect();
    expect(keySets()).toBe(1);
    server.rotateSigningKey();
    await connect();
    expect(keySets()).toBe(2);
    server.rotateSigningKey();
    await connect();
    expect(keySets()).toBe(3);
  });

  it('are not asked for again and again because of a key that nobody has', async () => {
    await connect();
    for (let round = 0; round < 5; round += 1) {
      const error = await failure(connect({}, { kid: 'unknown' }), TokenEndpointError);
      expect(error.message).toContain('a key that the server does not name');
    }
    expect(keySets()).toBe(2);
    clock.advance(61);
    await failure(connect({}, { kid: 'unknown' }), TokenEndpointError);
    expect(keySets()).toBe(3);
    await connect();
  });

  it('are read again after a day, and the old ones kept where that fails', async () => {
    await connect();
    clock.advance(24 * 3600 + 1);
    server.next('jwks').respond(503);
    await connect();
    expect(keySets()).toBe(2);
    clock.advance(61);
    await connect();
    expect(keySets()).toBe(3);
  });

  it('are read before a code is spent on a token that could not be verified', async () => {
    server.always('jwks').respond(503);
    await failure(connect(), Error);
    expect(server.journal.tokenRequests()).toHaveLength(0);
  });
});

describe('a renewal', () => {
  const renewWith = async (change: Record<string, unknown>) => {
    const { claims } = await connect();
    const idToken = server.signIdToken({ ...claims, ...change });
    server.next('token').transformJson((json) => ({ ...json, id_token: idToken }));
    return alice.refreshToken();
  };

  it('may bring new claims about the same user', async () => {
    const token = await renewWith({ nonce: undefined, email: 'a@example' });
    expect(token.claims).toMatchObject({ sub: 'alice', email: 'a@example' });
  });

  it('may not bring claims about another user', async () => {
    const error = await failure(renewWith({ sub: 'mallory' }), TokenEndpointError);
    expect(error.message).toContain('it is about another user than before');
    expect((await alice.token())?.claims?.sub).toBe('alice');
  });

  it('keeps the claims where it brings none', async () => {
    const { claims } = await connect();
    server.next('token').transformJson((json) => ({ ...json, id_token: undefined }));
    expect((await alice.refreshToken()).claims).toEqual(claims);
  });

  it('keeps the claims where the keys cannot be had: the refresh token is spent', async () => {
    await connect();
    server.rotateSigningKey();
    server.always('jwks').respond(503);
    const token = await alice.refreshToken();
    expect(server.isLive(token.accessToken)).toBe(true);
    expect(token.claims?.sub).toBe('alice');
  });
});
