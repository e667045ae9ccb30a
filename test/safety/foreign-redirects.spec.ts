import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { OriginNotAllowedError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost, type Host } from '../support/host.js';

let server: FakeAuthorizationServer;
let foreign: Host;
let session: OAuthSession;

const get = (config?: AxiosRequestConfig) => firstValueFrom(session.get('/things', config));

beforeEach(async () => {
  server = await startServer();
  foreign = await startHost((_request, response) => response.end('"there"'));
  session = await bootClient(machineClient(server));
});

describe('a redirect to another origin', () => {
  it.each([301, 302, 303, 307, 308])(
    'is followed without the token, as the caller wrote it: %i',
    async (status) => {
      session.registerComplianceHook('protected_request', (request, { token }) => {
        request.headers.set('x-hook', token.accessToken);
        request.params = { signature: token.accessToken };
        return request;
      });
      server.next('api').redirect(`${foreign.origin}/there?a=1`, status);
      const headers = {
        authorization: 'Basic own',
        Cookie: 'a=1',
        'Proxy-Authorization': 'Basic p',
        'x-own': 'o',
        'content-type': 'text/plain',
      };
      const { data } = await get({ headers, params: { q: 1 } });
      expect(data).toBe('there');
      const [request] = foreign.requests;
      expect(request).toMatchObject({ method: 'GET', path: '/there?a=1', body: '' });
      expect(request?.headers).toMatchObject({ 'x-own': 'o' });
      for (const name of ['authorization', 'cookie', 'proxy-authorization', 'x-hook']) {
        expect(request?.headers).not.toHaveProperty(name);
      }
      expect(JSON.stringify(request?.headers)).not.toContain(await session.accessToken());
    },
  );

  it('is followed for a HEAD, too', async () => {
    server.next('api').redirect(`${foreign.origin}/there`, 307);
    await firstValueFrom(session.head('/things'));
    expect(foreign.requests[0]).toMatchObject({ method: 'HEAD', path: '/there' });
  });

  it('leaves out the headers that the call names as sensitive', async () => {
    server.next('api').redirect(`${foreign.origin}/there`);
    await get({ headers: { 'X-Api-Key': 'k' }, sensitiveHeaders: ['x-api-key'] });
    expect(foreign.requests[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it.each(['post', 'put', 'patch', 'delete', 'options'])('of a %s fails', async (method) => {
    for (const status of [302, 303, 307]) {
      server.next('api').redirect(`${foreign.origin}/there?code=hidden`, status);
      const call = firstValueFrom(session.request({ method, url: '/things', data: { a: 1 } }));
      const error = await failure(call, OriginNotAllowedError);
      expect(error).toMatchObject({ origin: foreign.origin, client: 'client' });
      expect(error.message).not.toContain('hidden');
    }
    expect(foreign.connections).toBe(0);
  });

  it('lets go of the answer that it does not follow', async () => {
    const answered: IncomingMessage['socket'][] = [];
    const api = await startHost(({ socket }, response) => {
      answered.push(socket);
      response.writeHead(302, { location: `${foreign.origin}/x` }).write('never ends');
    });
    session = await bootClient(machineClient(server, { baseURL: api.origin }));
    const config = { responseType: 'stream' } as const;
    const call = firstValueFrom(session.post('/things', {}, config));
    await failure(call, OriginNotAllowedError);
    if (!answered[0]!.closed) await once(answered[0]!, 'close');
  });

  it('does not get the token back on the way home', async () => {
    const back = await startHost((_request, response) =>
      response.writeHead(302, { location: `${server.apiUrl}/back` }).end(),
    );
    server.next('api').redirect(`${back.origin}/there`);
    await expect(get()).rejects.toMatchObject({ status: 401 });
    const requests = server.journal.requests('api');
    expect(requests.map(({ path }) => path)).toEqual(['/api/things', '/api/back']);
    expect(requests[1]?.headers).not.toHaveProperty('authorization');
  });

  it.each(['file:///etc/passwd', 'data:text/plain,x', 'javascript:alert(1)', 'blob:x'])(
    'that is none of the web fails: %s',
    async (location) => {
      server.next('api').redirect(location);
      await failure(get(), OriginNotAllowedError);
    },
  );

  it('counts among the five', async () => {
    const circle = await startHost((_request, response) =>
      response.writeHead(302, { location: '/again' }).end(),
    );
    server.next('api').redirect(`${circle.origin}/there`);
    await expect(get()).rejects.toMatchObject({ code: 'ERR_FR_TOO_MANY_REDIRECTS' });
    expect(circle.requests).toHaveLength(5);
  });
});

describe('a 401 that is not about the token', () => {
  it('renews nothing: it came from another origin', async () => {
    const refusing = await startHost((_request, response) =>
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end(),
    );
    server.always('api').redirect(`${refusing.origin}/there`);
    await expect(get()).rejects.toMatchObject({ status: 401 });
    expect(refusing.requests).toHaveLength(1);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('does not repeat a POST that was done: it came after its redirect', async () => {
    server.next('api').redirect('/api/result', 303);
    server.next('api').respond(401, { 'WWW-Authenticate': 'Bearer' });
    const call = firstValueFrom(session.post('/things', { a: 1 }));
    await expect(call).rejects.toMatchObject({ status: 401 });
    const sent = server.journal.requests('api').map(({ method, path }) => `${method} ${path}`);
    expect(sent).toEqual(['POST /api/things', 'GET /api/result']);
  });
});
