import { firstValueFrom } from 'rxjs';
import {
  ConfigurationError,
  InsecureTransportError,
  OriginNotAllowedError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost, type Host } from '../support/host.js';

let server: FakeAuthorizationServer;
let foreign: Host;

beforeEach(async () => {
  server = await startServer();
  foreign = await startHost();
});

const boot = (more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> =>
  bootClient(machineClient(server, { transport: everywhereHere, ...more }));

const port = () => new URL(server.url).port;

/** Nothing but a token request was sent to anybody. */
function expectNothingSent(): void {
  expect(foreign.connections).toBe(0);
  expect(server.journal.count('api') + server.journal.count('unknown')).toBe(0);
}

describe('an address that is not allowed', () => {
  const refused: Record<string, () => string> = {
    'another port': () => `${foreign.origin}/things`,
    'another host': () => `http://other.example:${port()}/api/things`,
    'a host that begins alike': () => `http://127.0.0.1.example:${port()}/api/things`,
    'upper case': () => `HTTP://OTHER.EXAMPLE:${port()}/api/things`,
    'a line end in the scheme': () => `http://other.example\n:${port()}/api/things`,
    backslashes: () => `http:\\\\other.example:${port()}\\api`.replace('http:\\\\', 'http://'),
    'a backslash before an @': () => `http://other.example:${port()}\\@127.0.0.1:${port()}/api`,
    'another scheme': () => `https://127.0.0.1:${port()}/api/things`,
    'a blob of an allowed origin': () => `blob://${server.apiUrl}/things`,
  };

  it.each(Object.entries(refused))('is refused before anything is sent: %s', async (_name, url) => {
    const session = await boot();
    const error = await failure(firstValueFrom(session.get(url())), OriginNotAllowedError);
    expect(error.message).toMatch(/allowedOrigins/);
    expectNothingSent();
  });

  it('is refused when it is relative to the scheme, and never guessed', async () => {
    const session = await boot();
    for (const url of [`//127.0.0.1:${foreign.port}/x`, `//127.0.0.1:${port()}/api/things`]) {
      const error = await failure(firstValueFrom(session.get(url)), ConfigurationError);
      expect(error.message).toMatch(/scheme/);
    }
    expectNothingSent();
  });

  it('is refused with a user name or password, which would take the place of the token', async () => {
    const session = await boot();
    const url = `http://user:password@127.0.0.1:${port()}/api/things`;
    const error = await failure(firstValueFrom(session.get(url)), ConfigurationError);
    expect(error.message).not.toContain('password@');
    expectNothingSent();
  });

  it('names the origin, and not what the address holds besides', async () => {
    const session = await boot();
    const call = firstValueFrom(session.get(`${foreign.origin}/path?key=hidden`));
    const error = await failure(call, OriginNotAllowedError);
    expect(error).toMatchObject({ origin: foreign.origin, client: 'client' });
    expect(error.message).not.toContain('hidden');
  });
});

describe('an address that looks foreign and is not', () => {
  it.each([
    '/\\other.example/things',
    '\\\\other.example',
    ' http://other.example',
    'x/../../..//y',
  ])('is joined to the base address, and stays there: %j', async (url) => {
    const session = await boot();
    await firstValueFrom(session.get(url, { validateStatus: () => true }));
    expect(server.journal.count('api') + server.journal.count('unknown')).toBe(1);
    expect(foreign.connections).toBe(0);
  });

  it('is sent as it was judged, params and all', async () => {
    const session = await boot();
    const config = { params: { next: `${foreign.origin}/x`, '@': 'y' } };
    const { data } = await firstValueFrom(session.get('/things?a=1', config));
    expect(data).toMatchObject({
      path: '/api/things',
      query: { a: '1', next: `${foreign.origin}/x`, '@': 'y' },
    });
  });

  it('is never absolute where the caller forbids that', async () => {
    const session = await boot();
    const config = { allowAbsoluteUrls: false, validateStatus: () => true };
    await firstValueFrom(session.get(`${foreign.origin}/x`, config));
    expect(server.journal.requests().at(-1)?.path).toContain('/api/');
    expect(foreign.connections).toBe(0);
  });
});

describe('whoever changes the address', () => {
  it('does not send the token there: baseURL of one call', async () => {
    const session = await boot();
    const call = firstValueFrom(session.get('/things', { baseURL: foreign.origin }));
    await failure(call, OriginNotAllowedError);
    expectNothingSent();
  });

  it('does not send the token there: a base address that ends before its host', async () => {
    const session = await boot();
    const mine = `127.0.0.1:${port()}/api/things`;
    await firstValueFrom(session.get('/things'));
    for (const baseURL of ['http://\\', 'http:\\\\', 'http://', 'http:']) {
      await firstValueFrom(session.get(mine, { baseURL })).catch(() => undefined);
      const call = firstValueFrom(session.get(`127.0.0.1:${foreign.port}/x`, { baseURL }));
      await expect(call).rejects.toBeInstanceOf(Error);
    }
    expect(foreign.connections).toBe(0);
  });

  it('does not send the token there: an interceptor that changes url or baseURL', async () => {
    const session = await boot();
    const { interceptors } = session.axiosRef;
    const first = interceptors.request.use((config) => ({ ...config, url: `${foreign.origin}/x` }));
    await failure(firstValueFrom(session.get('/things')), OriginNotAllowedError);
    interceptors.request.eject(first);
    interceptors.request.use(async (config) => {
      config.baseURL = foreign.origin;
      return config;
    });
    await failure(firstValueFrom(session.get('/things')), OriginNotAllowedError);
    expectNothingSent();
  });

  it('does not send the token there: defaults that an SDK changes', async () => {
    const session = await boot();
    await firstValueFrom(session.get('/things'));
    session.axiosRef.defaults.baseURL = foreign.origin;
    await failure(session.axiosRef.get('/things'), OriginNotAllowedError);
    await failure(session.axiosRef.create().get('/things'), OriginNotAllowedError);
    expect(foreign.connections).toBe(0);
  });

  it('does not send the token there: a hook', async () => {
    const session = await boot();
    session.registerComplianceHook('protected_request', (request) => ({
      ...request,
      url: `${foreign.origin}/x`,
    }));
    await failure(firstValueFrom(session.get('/things')), OriginNotAllowedError);
    expectNothingSent();
  });

  it('does not get past the adapter that judges it', async () => {
    const session = await boot();
    const own = { adapter: 'http', transport: {}, socketPath: '/tmp/x', beforeRedirect: () => {} };
    for (const [option, value] of Object.entries(own)) {
      const config = { [option]: value };
      const error = await failure(firstValueFrom(session.get('/x', config)), ConfigurationError);
      expect(error.message).toContain(`"${option}"`);
      await failure(session.axiosRef.get('/x', config), ConfigurationError);
    }
    expectNothingSent();
  });
});

describe('origins with a wildcard', () => {
  const allowedOrigins = () => [`http://*.example.com:${port()}`, new URL(server.url).origin];

  it.each(['a.example.com', 'A.Example.COM', 'a.b.example.com'])('include %s', async (host) => {
    const session = await boot({ allowedOrigins: allowedOrigins() });
    const { data } = await firstValueFrom(session.get(`http://${host}:${port()}/api/things`));
    expect(data).toMatchObject({ client: 'client' });
  });

  it.each([
    'example.com',
    'evilexample.com',
    '.example.com',
    'a.example.com.evil.test',
    'a.example.com.',
    'a.example.comm',
    'example.com@evil.test',
  ])('do not include %s', async (host) => {
    const session = await boot({ allowedOrigins: allowedOrigins() });
    const call = firstValueFrom(session.get(`http://${host}:${port()}/api/things`));
    await expect(call).rejects.toBeInstanceOf(
      host.includes('@') ? ConfigurationError : OriginNotAllowedError,
    );
    await failure(
      firstValueFrom(session.get(`http://a.example.com:${foreign.port}/`)),
      OriginNotAllowedError,
    );
    expectNothingSent();
  });
});

describe('without allowInsecureHttp', () => {
  it('a full address over http is refused, even of a host that is allowed', async () => {
    const session = await boot({
      baseURL: `https://127.0.0.1:${port()}`,
      allowInsecureHttp: true,
      allowedOrigins: [`https://127.0.0.1:${port()}`],
    });
    await failure(
      firstValueFrom(session.get(`http://127.0.0.1:${port()}/api/things`)),
      OriginNotAllowedError,
    );
    expectNothingSent();
  });

  it('a base address that depends on the token is refused over http', async () => {
    const session = await bootClient({
      clientId: 'client',
      clientSecret: 'secret',
      issuer: 'https://login.example',
      baseURL: () => foreign.origin,
    });
    const user = session.for('alice');
    await user.setToken({ access_token: 'a', token_type: 'Bearer' });
    await failure(firstValueFrom(user.get('/x')), InsecureTransportError);
    expectNothingSent();
  });
});
