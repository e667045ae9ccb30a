import { firstValueFrom } from 'rxjs';
import { ConfigurationError, OriginNotAllowedError, type TokenSet } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost } from '../support/host.js';

describe('a base address that depends on the token', () => {
  const instanceOf = (token: TokenSet) => String(token.raw['instance_url']);

  it('takes each user to their own host, and lets no token go to the other', async () => {
    const [server, one, two] = [await startServer(), await startHost(), await startHost()];
    const session = await bootClient(userClient(server, { baseURL: instanceOf }));
    for (const host of [one, two]) {
      const user = session.for(host.origin);
      const token = { access_token: `of-${host.port}`, token_type: 'Bearer' };
      await user.setToken({ ...token, instance_url: host.origin });
      await firstValueFrom(user.get('/things'));
    }
    for (const host of [one, two]) {
      expect(host.requests.map(({ headers }) => headers.authorization)).toEqual([
        `Bearer of-${host.port}`,
      ]);
    }
    const wrong = firstValueFrom(session.for(one.origin).get(`${two.origin}/things`));
    await failure(wrong, OriginNotAllowedError);
    expect(two.requests).toHaveLength(1);
  });

  it('allows one origin, even if the token answers a pattern', async () => {
    const [server, other] = [await startServer(), await startHost()];
    const options = { baseURL: instanceOf, transport: everywhereHere };
    const session = await bootClient(userClient(server, options));
    const user = session.for('alice');
    const token = { access_token: 'secret-a', token_type: 'Bearer' };
    await user.setToken({ ...token, instance_url: `http://*.example.com:${other.port}` });
    const call = firstValueFrom(user.get(`http://any.example.com:${other.port}/`));
    await failure(call, OriginNotAllowedError);
    expect(other.connections).toBe(0);
  });

  it.each(['', 'undefined', '/path', 'nonsense'])(
    'is an error that says so when it is no address: %j',
    async (instanceUrl) => {
      const server = await startServer();
      const session = await bootClient(userClient(server, { baseURL: instanceOf }));
      const user = session.for('alice');
      const token = { access_token: 'secret-a', token_type: 'Bearer' };
      await user.setToken({ ...token, instance_url: instanceUrl });
      const error = await failure(firstValueFrom(user.get('/x')), ConfigurationError);
      expect(error).toMatchObject({ client: 'client' });
      expect(error.message).toMatch(/baseURL/);
    },
  );

  it('is narrowed by allowed origins, and not joined by them', async () => {
    const [server, own, other] = [await startServer(), await startHost(), await startHost()];
    const allowedOrigins = [own.origin, other.origin];
    const session = await bootClient(
      userClient(server, { baseURL: () => own.origin, allowedOrigins }),
    );
    const user = session.for('alice');
    await user.setToken({ access_token: 'a', token_type: 'Bearer' });
    await firstValueFrom(user.get('/things'));
    expect(own.requests[0]?.path).toBe('/things');
    const call = firstValueFrom(user.get(`${other.origin}/things`));
    const error = await failure(call, OriginNotAllowedError);
    expect(error.message).toContain('baseURL');
    expect(other.connections).toBe(0);
  });

  it('is refused where the allowed origins do not hold it', async () => {
    const [server, other] = [await startServer(), await startHost()];
    const allowedOrigins = [new URL(server.apiUrl).origin];
    const session = await bootClient(
      userClient(server, { baseURL: () => other.origin, allowedOrigins }),
    );
    const user = session.for('alice');
    await user.setToken({ access_token: 'a', token_type: 'Bearer' });
    const error = await failure(firstValueFrom(user.get('/things')), OriginNotAllowedError);
    expect(error.message).toContain('allowedOrigins');
    expect(other.connections).toBe(0);
  });
});

describe('with neither a base address nor allowed origins', () => {
  it('no API call is possible, and the error says which option to set', async () => {
    const [server, foreign] = [await startServer(), await startHost()];
    const session = await bootClient(machineClient(server, { baseURL: undefined }));
    for (const url of ['/things', `${server.apiUrl}/things`, `${foreign.origin}/x`, '']) {
      const error = await failure(firstValueFrom(session.get(url)), Error);
      expect(error.message).toContain('baseURL');
      expect(error.message).toContain('allowedOrigins');
    }
    expect(foreign.connections).toBe(0);
    expect(server.journal.count('api')).toBe(0);
  });

  it('accessToken() works all the same', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server, { baseURL: undefined }));
    expect(server.isLive(await session.accessToken())).toBe(true);
  });
});

describe('with allowed origins and no base address', () => {
  it('full addresses are called, and a relative one is an error that says what to do', async () => {
    const server = await startServer();
    const allowedOrigins = [new URL(server.url).origin];
    const session = await bootClient(machineClient(server, { baseURL: undefined, allowedOrigins }));
    const { data } = await firstValueFrom(session.get(`${server.apiUrl}/things`));
    expect(data).toMatchObject({ path: '/api/things' });
    const error = await failure(firstValueFrom(session.get('/things')), ConfigurationError);
    expect(error.message).toContain('Set baseURL');
  });
});
