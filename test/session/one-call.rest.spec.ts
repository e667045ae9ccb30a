import { generateKeyPairSync } from 'node:crypto';
import {
  ConfigurationError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';

const LEFT_ALONE = /left alone/;

async function start(
  more: Partial<OAuthClientOptions> = {},
): Promise<{ server: FakeAuthorizationServer; session: OAuthSession }> {
  const server = await startServer();
  return { server, session: await bootClient(machineClient(server, more)) };
}

describe('the options of one call', () => {
  it('whose secret is refused do not hold up ordinary calls', async () => {
    const { session } = await start();
    await failure(session.fetchToken({ clientSecret: 'wrong' }), TokenEndpointError);
    expect(await session.accessToken()).toBeTruthy();
  });

  it('are tried while ordinary calls are held up', async () => {
    const { session } = await start({ clientSecret: 'old' });
    await failure(session.accessToken(), TokenEndpointError);
    await session.fetchToken({ clientSecret: 'secret' });
  });

  it('whose scope is refused do not hold up ordinary calls', async () => {
    const { server, session } = await start();
    server.next('token').respondJson(400, { error: 'invalid_scope' });
    await failure(session.fetchToken({ params: { scope: 'nope' } }), TokenEndpointError);
    expect(await session.accessToken()).toBeTruthy();
  });

  it('wait as others do while the server throttles, and make others wait', async () => {
    const { server, session } = await start();
    server.always('token').respond(429, { 'Retry-After': '100' });
    await failure(session.fetchToken({ params: { audience: 'x' } }), TokenEndpointError);
    for (const call of [session.fetchToken({ params: { audience: 'x' } }), session.accessToken()]) {
      expect((await failure(call, TokenEndpointError)).message).toMatch(LEFT_ALONE);
    }
    expect(server.journal.count('token')).toBe(1);
  });
});

describe('a client that was refused', () => {
  it('is left alone while its key is the same, and asks again with another', async () => {
    const [first, second] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const server = await startServer({
      clients: [
        {
          clientId: 'client',
          key: second!.publicKey.export({ type: 'spki', format: 'pem' }) as string,
        },
      ],
    });
    let key = first!.privateKey;
    const { clientSecret: _secret, ...options } = machineClient(server);
    const session = await bootClient({
      ...options,
      clientAuthentication: { method: 'private_key_jwt', key: () => key },
    });
    await failure(session.accessToken(), TokenEndpointError);
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.message).toMatch(LEFT_ALONE);
    key = second!.privateKey;
    expect(await session.accessToken()).toBeTruthy();
  });

  it('is left alone while its certificate is the same, and asks again with another', async () => {
    const [authority, first, second] = ['server', 'first', 'second'].map((name) =>
      selfSigned(name),
    );
    const host = await startHost(
      ({ certificate }, response) => {
        const isKnown = certificate === 'second';
        const token = { access_token: 'token', token_type: 'Bearer' };
        response
          .writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
          .end(JSON.stringify(isKnown ? token : { error: 'invalid_client' }));
      },
      { ...authority, requestCert: true, rejectUnauthorized: false },
    );
    let own = first!;
    const session = await bootClient({
      clientId: 'client',
      grant: 'client_credentials',
      clientAuthentication: { method: 'self_signed_tls_client_auth' },
      tokenEndpoint: `${host.origin}/token`,
      transport: { ca: authority!.cert, cert: () => Buffer.from(own.cert), key: () => own.key },
    });
    await failure(session.accessToken(), TokenEndpointError);
    await failure(session.accessToken(), TokenEndpointError);
    expect(host.requests).toHaveLength(1);
    own = second!;
    expect(await session.accessToken()).toBe('token');
  });

  it('is told so by the server, also where its secret function fails afterwards', async () => {
    let calls = 0;
    const { session } = await start({
      clientSecret: () => {
        calls += 1;
        if (calls > 1) throw new Error('the vault is sealed');
        return 'wrong';
      },
    });
    const error = await failure(session.accessToken(), TokenEndpointError);
    expect(error.error).toBe('invalid_client');
  });
});

describe('a clientSecret function', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a number', 5],
  ])('that gives %s is an error, and nothing is sent', async (_what, secret) => {
    for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']) {
      const { server, session } = await start({
        clientSecret: (async () => secret) as () => Promise<string>,
        clientAuthentication: { method: method as 'client_secret_post' },
      });
      await failure(session.accessToken(), ConfigurationError);
      expect(server.journal.count('token')).toBe(0);
    }
  });

  it('is not asked where the authentication has no secret', async () => {
    let asked = 0;
    const { session } = await start({
      clientSecret: () => `${(asked += 1)}`,
      clientAuthentication: { method: 'none' },
    });
    await session.accessToken().catch(() => undefined);
    expect(asked).toBe(0);
  });

  it('that fails does not matter to an authentication that does without the secret', async () => {
    const { session } = await start({
      clientSecret: () => Promise.reject(new Error('the vault is sealed')),
      clientAuthentication: ({ form }, { clientId }) => {
        form.set('client_id', clientId);
        form.set('client_secret', 'secret');
      },
    });
    expect(await session.accessToken()).toBeTruthy();
  });

  it('that fails is the error of an authentication that reads the secret', async () => {
    const { server, session } = await start({
      clientSecret: () => Promise.reject(new Error('the vault is sealed')),
      clientAuthentication: ({ form }, { clientSecret }) =>
        form.set('client_secret', clientSecret!),
    });
    const error = await failure(session.accessToken(), ConfigurationError);
    expect(error.message).toContain('clientSecret function');
    expect(server.journal.count('token')).toBe(0);
  });
});
