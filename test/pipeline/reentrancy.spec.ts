import { AsyncLocalStorage } from 'node:async_hooks';
import { generateKeyPairSync, sign as cryptoSign } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { firstValueFrom } from 'rxjs';
import {
  ConfigurationError,
  ReentrantTokenRequestError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

describe('a hook that asks for the token that is being acquired', () => {
  const ways: [string, (session: OAuthSession) => Promise<unknown>][] = [
    ['a call', (session) => firstValueFrom(session.get('/things'))],
    ['accessToken()', (session) => session.accessToken()],
    ['refreshToken()', (session) => session.refreshToken()],
    ['fetchToken()', (session) => session.fetchToken({ code: 'x' })],
  ];

  it.each(ways)('gets an error instead of waiting for itself: %s', async (_way, ask) => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const alice = await connectUser(crm, server, 'alice');
    const asked: unknown[] = [];
    crm.registerComplianceHook('refresh_token_request', async (request) => {
      asked.push(await failure(ask(alice), ReentrantTokenRequestError));
      return request;
    });
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -1 });
    await alice.refreshToken();
    expect(asked).toHaveLength(1);
  });
});

describe('a function that authenticates the client', () => {
  type Ask = () => Promise<unknown>;
  type Options = Partial<OAuthClientOptions>;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = { method: 'private_key_jwt', alg: 'ES256' } as const;
  const sign = (data: Uint8Array) =>
    cryptoSign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const kinds: [string, (ask: Ask) => Options][] = [
    ['of its own', (ask) => ({ clientAuthentication: async () => void (await ask()) })],
    [
      'that gives the key',
      (ask) => ({ clientAuthentication: { ...signed, key: () => ask().then(() => privateKey) } }),
    ],
    [
      'that signs',
      (ask) => ({
        clientAuthentication: { ...signed, sign: (data) => ask().then(() => sign(data)) },
      }),
    ],
  ];
  const requests: [string, (session: OAuthSession) => Promise<unknown>][] = [
    ['an exchange', (session) => session.fetchToken({ code: 'x' })],
    ['a renewal', (session) => session.refreshToken()],
  ];
  const each = requests.flatMap(([request, send]) =>
    kinds.map(([kind, make]) => ({ request, send, kind, make })),
  );

  it.each(each)('$kind is refused the token of $request', async ({ send, make }) => {
    const server = await startServer();
    const asked: Error[] = [];
    const ask = async () => asked.push(await failure(alice.accessToken(), Error));
    const options = { refresh: { timeoutMs: 2_000 }, ...make(ask) };
    const crm = await bootClient(userClient(server, options), { logging: false });
    const alice = await connectUser(crm, server, 'alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -1 });
    await send(alice).catch(() => undefined); // the fake server knows no such client
    expect(asked).toEqual([expect.any(ReentrantTokenRequestError)]);
  });

  it('and one that gives the secret is refused it, too', async () => {
    const server = await startServer();
    let clientSecret = async () => 'secret';
    const options = { clientSecret: () => clientSecret(), refresh: { timeoutMs: 200 } };
    const crm = await bootClient(userClient(server, options), { logging: false });
    const alice = await connectUser(crm, server, 'alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -1 });
    clientSecret = () => alice.accessToken();
    const { cause } = await failure(alice.fetchToken({ code: 'x' }), ConfigurationError);
    expect(cause).toBeInstanceOf(ReentrantTokenRequestError);
  });
});

describe('an application without hooks, handlers and interceptors', () => {
  it('never enters an async context, which Node before 24 makes every promise pay for', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const machine = await bootClient(machineClient(server));
    const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
    const alice = await connectUser(crm, server, 'alice');
    await alice.refreshToken();
    await firstValueFrom(alice.get('/things'));
    await firstValueFrom(machine.get('/things'));
    expect(run).not.toHaveBeenCalled();
    crm.registerComplianceHook('refresh_token_request', (request) => request);
    await alice.refreshToken();
    expect(run).toHaveBeenCalledOnce();
  });
});
