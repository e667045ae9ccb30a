import { Readable } from 'node:stream';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import {
  InsecureTransportError,
  OriginNotAllowedError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost, type Host } from '../support/host.js';

let server: FakeAuthorizationServer;
let foreign: Host;
let session: OAuthSession;

const boot = (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> =>
  bootClient(machineClient(server, more));
const get = (config?: AxiosRequestConfig) => firstValueFrom(session.get('/things', config));

beforeEach(async () => {
  server = await startServer();
  foreign = await startHost();
  session = await boot();
});

describe('a redirect within the allowed origins', () => {
  it.each([301, 302, 303, 307, 308])('is followed with the token: %i', async (status) => {
    server.next('api').redirect('/api/other?page=2', status);
    const { data } = await get({ params: { page: 1 } });
    expect(data).toMatchObject({ method: 'GET', path: '/api/other', query: { page: '2' } });
  });

  it.each([
    [301, 'post', 'GET', null],
    [302, 'post', 'GET', null],
    [303, 'post', 'GET', null],
    [307, 'post', 'POST', { a: 1 }],
    [308, 'post', 'POST', { a: 1 }],
    [301, 'put', 'PUT', { a: 1 }],
    [302, 'patch', 'PATCH', { a: 1 }],
    [303, 'put', 'GET', null],
    [307, 'delete', 'DELETE', { a: 1 }],
  ])('answered %i to a %s becomes a %s', async (status, method, becomes, body) => {
    server.next('api').redirect('/api/other', status);
    const config = { method, url: '/things', data: { a: 1 }, params: { q: 1 } };
    const { data } = await firstValueFrom(session.request(config));
    expect(data).toMatchObject({ method: becomes, path: '/api/other', body });
    const headers = server.journal.requests('api').at(-1)!.headers;
    expect(headers['content-type']).toBe(body ? 'application/json' : undefined);
    expect(headers['content-length']).toBe(body ? '7' : undefined);
  });

  it('of a HEAD stays one', async () => {
    server.next('api').redirect('/api/other', 303);
    await firstValueFrom(session.head('/things'));
    expect(server.journal.requests('api').map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
  });

  it('that a hook wrote in capitals follows the same rules', async () => {
    session.registerComplianceHook('protected_request', (request) => ({
      ...request,
      method: 'POST',
    }));
    server.next('api').redirect('/api/other', 302);
    const { data } = await firstValueFrom(session.post('/things', { a: 1 }));
    expect(data).toMatchObject({ method: 'GET', path: '/api/other' });
  });

  it('to another of them carries the token, and no cookie of the first', async () => {
    const allowedOrigins = [new URL(server.url).origin, foreign.origin];
    session = await boot({ allowedOrigins, http: { sensitiveHeaders: ['X-Key'] } });
    server.next('api').redirect(`${foreign.origin}/there`);
    await get({ headers: { cookie: 'a=1', 'x-key': 'k', 'x-other': 'o' } });
    const { headers } = foreign.requests[0]!;
    expect(headers.authorization).toBe(`Bearer ${await session.accessToken()}`);
    expect(headers).toMatchObject({ 'x-other': 'o' });
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('x-key');
  });

  it('keeps what the caller and the hooks have set, on the same origin', async () => {
    session.registerComplianceHook('protected_request', (request) => {
      request.headers.set('x-hook', 'h');
      return request;
    });
    server.next('api').redirect('../api/./other');
    const { data } = await get({ headers: { cookie: 'a=1' } });
    expect(data).toMatchObject({ path: '/api/other', headers: { cookie: 'a=1', 'x-hook': 'h' } });
  });

  it('with a user name in it is followed with the token all the same', async () => {
    const url = new URL('/api/other', server.url);
    url.username = 'user';
    url.password = 'password';
    server.next('api').redirect(url.href);
    await expect(get()).resolves.toMatchObject({ status: 200 });
  });

  it('of a body that is spent is for the caller', async () => {
    server.next('api').redirect('/api/other', 307);
    const call = firstValueFrom(session.post('/things', Readable.from(['x'])));
    await expect(call).rejects.toMatchObject({ status: 307 });
    expect(server.journal.count('api')).toBe(1);
  });

  it('is followed five times at most, a loop included', async () => {
    server.always('api').redirect('/api/things');
    await expect(get()).rejects.toMatchObject({ code: 'ERR_FR_TOO_MANY_REDIRECTS' });
    expect(server.journal.count('api')).toBe(6);
  });

  it.each([
    [2, 3],
    [50, 6],
  ])('is followed as often as the call allows: maxRedirects %i', async (maxRedirects, sent) => {
    server.always('api').redirect('/api/things');
    await expect(get({ maxRedirects })).rejects.toMatchObject({
      code: 'ERR_FR_TOO_MANY_REDIRECTS',
    });
    expect(server.journal.count('api')).toBe(sent);
  });

  it('is for the caller where the call wants none', async () => {
    server.always('api').redirect('/api/other');
    await expect(get({ maxRedirects: 0 })).rejects.toMatchObject({ status: 302 });
    const validateStatus = () => true;
    const response = await get({ maxRedirects: 0, validateStatus });
    expect(response.headers['location']).toBe('/api/other');
    expect(server.journal.count('api')).toBe(2);
  });

  it.each(['http://[', 'https://', ''])('to no address is for the caller: %j', async (location) => {
    server.next('api').redirect(location);
    const response = await get({ validateStatus: () => true });
    expect(response.status).toBe(302);
    expect(server.journal.count('api')).toBe(1);
  });

  it.each([300, 304])('is not what a %i is', async (status) => {
    server.next('api').respond(status, { location: '/api/other' });
    const response = await get({ validateStatus: () => true });
    expect(response.status).toBe(status);
  });

  it('shows the token nowhere in what comes back', async () => {
    server.always('api').redirect('/api/things');
    const error = await get().catch((cause: unknown) => cause as { config: AxiosRequestConfig });
    const token = await session.accessToken();
    expect(JSON.stringify(error)).not.toContain(token);
    expect((error as { config: AxiosRequestConfig }).config.headers).not.toHaveProperty(
      'Authorization',
    );
    server.reset();
    server.next('api').redirect('/api/other');
    const { config } = await get();
    expect(JSON.stringify(config)).not.toContain(token);
    expect(config.url).toBe('/things');
  });
});

describe('a time limit', () => {
  it('spans all redirects of a call', async () => {
    let sent = 0;
    const slow = await startHost((_request, response) => {
      sent += 1;
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 60);
    });
    session = await boot({ baseURL: slow.origin });
    await session.accessToken();
    await expect(get({ timeout: 150 })).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect(sent).toBeLessThan(4);
  });
});

describe('no redirect is followed by the token side', () => {
  it.each([301, 302, 303, 307, 308])('of the token endpoint: %i', async (status) => {
    server.next('token').redirect(`${foreign.origin}/token`, status);
    await expect(session.accessToken()).rejects.toMatchObject({ status, endpoint: 'token' });
    expect(foreign.connections).toBe(0);
  });

  it('of discovery', async () => {
    session = await boot({ tokenEndpoint: undefined, issuer: server.issuer });
    server.always('discovery').redirect(`${foreign.origin}/document`);
    await expect(session.accessToken()).rejects.toMatchObject({ status: 302 });
    expect(foreign.connections).toBe(0);
  });

  it('of revocation', async () => {
    session = await boot({ revocationEndpoint: server.revocationEndpoint });
    await session.accessToken();
    server.next('revocation').redirect(`${foreign.origin}/revoke`, 307);
    await expect(session.revokeToken()).rejects.toMatchObject({ endpoint: 'revocation' });
    expect(foreign.connections).toBe(0);
  });
});

describe('a redirect from https to http', () => {
  it('is refused without allowInsecureHttp, whatever it leads to', async () => {
    const { selfSigned } = await import('../support/certificate.js');
    const tls = selfSigned('api');
    const secure = await startHost((_request, response) => {
      response.writeHead(302, { location: `${foreign.origin}/x` }).end();
    }, tls);
    session = await bootClient({
      clientId: 'client',
      tokenEndpoint: `${secure.origin}/token`,
      baseURL: secure.origin.replace('https', 'HTTPS'),
      transport: { ca: tls.cert },
    });
    const alice = session.for('alice');
    await alice.setToken({ access_token: 'a', token_type: 'Bearer' });
    const error = await failure(firstValueFrom(alice.get('/x')), InsecureTransportError);
    expect(error.message).toContain(foreign.origin);
    expect(foreign.connections).toBe(0);
    expect(secure.requests).toHaveLength(1);
    await failure(firstValueFrom(alice.get(`${foreign.origin}/x`)), OriginNotAllowedError);
  });
});
