import { DiscoveryError, TokenEndpointError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

let server: FakeAuthorizationServer;
let clock: TestClock;
let alice: OAuthSession;

beforeEach(async () => {
  clock = new TestClock();
  server = await startServer({ now: () => clock.now() / 1000 });
  alice = await boot(['openid']);
});

async function boot(scope: string[]): Promise<OAuthSession> {
  const { tokenEndpoint: _token, authorizationEndpoint: _authorize, ...rest } = userClient(server);
  return (await bootClient({ ...rest, issuer: server.issuer, scope }, { clock })).for('alice');
}

type Key = Record<string, unknown>;

/** Lets the server publish its keys in another form. */
const publish = (change: (key: Key) => Key) =>
  server.always('jwks').transformJson((json) => ({ keys: (json['keys'] as Key[]).map(change) }));

/** Lets each ID token have another header. */
const sign = (header: Record<string, unknown>) =>
  server.always('token').transformJson((json) => {
    const payload = Buffer.from(String(json['id_token']).split('.')[1]!, 'base64url').toString();
    const claims = JSON.parse(payload) as Record<string, unknown>;
    return { ...json, id_token: server.signIdToken(claims, header) };
  });

const keySets = () => server.journal.count('jwks');

describe('the keys of a server', () => {
  it.each<[string, Record<string, unknown>, (key: Key) => Key]>([
    ['without a name', { kid: undefined }, ({ kid: _kid, ...key }) => key],
    ['of one name', { kid: 'same' }, (key) => ({ ...key, kid: 'same' })],
  ])('%s are read once more after a rotation', async (_what, header, change) => {
    publish(change);
    sign(header);
    await authorize(alice, server);
    server.rotateSigningKey();
    expect((await authorize(alice, server)).claims?.sub).toBe('alice');
    expect(keySets()).toBe(2);
  });

  it('are not read again and again because of a signature that is wrong', async () => {
    await authorize(alice, server);
    server.always('token').transformJson((json) => {
      const [header, payload] = String(json['id_token']).split('.');
      return { ...json, id_token: `${header}.${payload}.${'A'.repeat(86)}` };
    });
    for (let round = 0; round < 5; round += 1) {
      const error = await failure(authorize(alice, server), TokenEndpointError);
      expect(error.message).toContain('its signature is wrong');
    }
    expect(keySets()).toBe(2);
    clock.advance(61);
    await failure(authorize(alice, server), TokenEndpointError);
    expect(keySets()).toBe(3);
  });

  it('are left alone for a while where they could not be read again', async () => {
    await authorize(alice, server);
    sign({ kid: 'unknown' });
    server.always('jwks').respond(503);
    await failure(authorize(alice, server), DiscoveryError);
    for (let round = 0; round < 5; round += 1) {
      await failure(authorize(alice, server), TokenEndpointError);
    }
    expect(keySets()).toBe(2);
    clock.advance(11);
    await failure(authorize(alice, server), DiscoveryError);
    expect(keySets()).toBe(3);
  });

  it('may hold a malformed one, which verifies nothing', async () => {
    publish(({ x: _x, ...key }) => key);
    const error = await failure(authorize(alice, server), TokenEndpointError);
    expect(error.message).toContain('a key that the server does not name');
  });

  it('are read before the code is sent, also for a scope of one call', async () => {
    const session = await boot(['read']);
    server.always('jwks').respond(503);
    const flow = authorize(session, server, { scope: ['openid'] });
    await failure(flow, DiscoveryError);
    const { state } = await session.authorizationUrl({ scope: ['openid'] });
    await failure(session.fetchToken({ code: 'x', state }), DiscoveryError);
    expect(server.journal.count('token')).toBe(0);
  });

  it('are of algorithms that the metadata name in a list', async () => {
    server.configure({ metadata: { id_token_signing_alg_values_supported: 'ES256' } });
    const error = await failure(authorize(alice, server), DiscoveryError);
    expect(error.message).toContain('id_token_signing_alg_values_supported that is no list');
  });
});
