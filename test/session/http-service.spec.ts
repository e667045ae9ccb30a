import { HttpService } from '@nestjs/axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import {
  ConfigurationError,
  OAuthSession,
  OriginNotAllowedError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';

interface Answer {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
  subject: string;
  client: string;
}
type Call = (session: OAuthSession) => Observable<AxiosResponse<Answer>>;

async function boot(
  options: Partial<OAuthClientOptions> = {},
): Promise<{ server: FakeAuthorizationServer; billing: OAuthSession }> {
  const server = await startServer();
  return { server, billing: await bootClient(machineClient(server, options)) };
}

describe('a session', () => {
  it('is an HttpService, for the client itself and for a subject', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    expect(crm).toBeInstanceOf(HttpService);
    expect(crm.for('alice')).toBeInstanceOf(HttpService);
    await connectUser(crm, server, 'alice');
    const nameOf = async (http: HttpService) =>
      (await firstValueFrom(http.get<Answer>('/me'))).data.subject;
    expect(await nameOf(crm.for('alice'))).toBe('alice');
  });

  const body = { amount: 1 };
  const form = expect.stringMatching(/form-data; name="amount"\r\n\r\n1\r\n/) as string;
  it.each<[string, string, unknown, Call]>([
    ['get', 'GET', null, (session) => session.get('/things')],
    ['delete', 'DELETE', null, (session) => session.delete('/things')],
    ['post', 'POST', body, (session) => session.post('/things', body)],
    ['put', 'PUT', body, (session) => session.put('/things', body)],
    ['patch', 'PATCH', body, (session) => session.patch('/things', body)],
    ['query', 'QUERY', body, (session) => session.query('/things', body)],
    ['postForm', 'POST', form, (session) => session.postForm('/things', body)],
    ['putForm', 'PUT', form, (session) => session.putForm('/things', body)],
    ['patchForm', 'PATCH', form, (session) => session.patchForm('/things', body)],
    [
      'request',
      'OPTIONS',
      null,
      (session) => session.request({ method: 'options', url: 'things' }),
    ],
    ['request without a method', 'GET', null, (session) => session.request({ url: '/things' })],
  ])(
    'sends %s with the token, of the client and of a subject',
    async (_verb, method, data, call) => {
      const server = await startServer();
      const billing = await bootClient(machineClient(server));
      const own = await firstValueFrom(call(billing));
      expect(own.status).toBe(200);
      expect(own.data).toMatchObject({ method, path: '/api/things', body: data, client: 'client' });

      const crm = await bootClient(userClient(server));
      const theirs = await firstValueFrom(call(await connectUser(crm, server, 'alice')));
      expect(theirs.data).toMatchObject({ method, body: data, subject: 'alice' });
    },
  );

  it('sends head, which has no body to look at', async () => {
    const { server, billing } = await boot();
    const { status, headers } = await firstValueFrom(billing.head('/things'));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(server.journal.apiCalls(200)).toMatchObject([{ method: 'HEAD', client: 'client' }]);
  });

  it('passes on what a call says of itself', async () => {
    const { billing } = await boot({ http: { headers: { 'x-app': 'mine' }, params: { v: 1 } } });
    const config: AxiosRequestConfig = { params: { page: 2 }, headers: { 'x-call': 'this' } };
    const { data } = await firstValueFrom(billing.get<Answer>('/things', config));
    expect(data.query).toEqual({ v: '1', page: '2' });
    expect(data.headers).toMatchObject({ 'x-app': 'mine', 'x-call': 'this' });
    expect(config).toEqual({ params: { page: 2 }, headers: { 'x-call': 'this' } });
  });

  it('fails as axios does for what the API answers', async () => {
    const { server, billing } = await boot();
    server.next('api').respondJson(418, { tea: true });
    const error = await failure(firstValueFrom(billing.get('/pot')), Error);
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 418 } });
    server.next('api').respond(418);
    const call = billing.get('/pot', { validateStatus: () => true });
    expect((await firstValueFrom(call)).status).toBe(418);
  });

  it('is cold: nothing is sent before somebody subscribes, and once for each who does', async () => {
    const { server, billing } = await boot();
    const call = billing.post<Answer>('/things', { amount: 1 });
    await billing.accessToken();
    expect(server.journal.apiCalls()).toHaveLength(0);
    const answers = [await firstValueFrom(call), await firstValueFrom(call)];
    expect(answers.map(({ data }) => data.body)).toEqual([{ amount: 1 }, { amount: 1 }]);
    expect(server.journal.apiCalls()).toHaveLength(2);
  });
});

describe('the address of a call', () => {
  it.each([
    ['/things', '/api/things'],
    ['things', '/api/things'],
    ['/things/1?a=b', '/api/things/1'],
    ['', '/api'],
  ])('%j is joined to baseURL', async (url, path) => {
    const { billing } = await boot();
    expect((await firstValueFrom(billing.get<Answer>(url))).data.path).toBe(path);
  });

  it('may be a full one, at an allowed origin', async () => {
    const { server, billing } = await boot();
    const { data } = await firstValueFrom(billing.get<Answer>(`${server.apiUrl}/full`));
    expect(data.path).toBe('/api/full');
    const elsewhere = firstValueFrom(billing.get('https://elsewhere.example/'));
    await failure(elsewhere, OriginNotAllowedError);
  });

  it('is joined to what a function makes of the token, each subject’s own', async () => {
    const server = await startServer();
    const crm = await bootClient(
      userClient(server, { baseURL: ({ raw }) => String(raw['instance_url']) }),
    );
    for (const subject of ['alice', 'bob']) {
      await crm.for(subject).setToken({
        ...server.issueTokens({ subject }),
        instance_url: `${server.apiUrl}/of-${subject}`,
      });
    }
    const paths = ['alice', 'bob'].map(
      async (subject) => (await firstValueFrom(crm.for(subject).get<Answer>('/me'))).data.path,
    );
    expect(await Promise.all(paths)).toEqual(['/api/of-alice/me', '/api/of-bob/me']);
  });

  it('needs an option that the error names; the access token is to be had without', async () => {
    const { server, billing } = await boot({ baseURL: undefined });
    for (const url of ['/things', `${server.apiUrl}/things`]) {
      const error = await failure(firstValueFrom(billing.get(url)), Error);
      expect(error.message).toMatch(/Set baseURL.*allowedOrigins/);
    }
    expect(server.journal.apiCalls()).toHaveLength(0);
    expect(await billing.accessToken()).toMatch(/^at_/);
  });
});

describe('the Authorization header', () => {
  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'is the session’s, whatever the caller sets as %s',
    async (name) => {
      const { server, billing } = await boot();
      const headers = { [name]: 'Bearer not-this-one' };
      await firstValueFrom(billing.get('/things', { headers }));
      const [request] = server.journal.requests('api');
      const sent = request?.rawHeaders.filter((text) => text.toLowerCase() === 'authorization');
      expect(sent).toHaveLength(1);
      expect(request?.headers.authorization).toBe(`Bearer ${await billing.accessToken()}`);
      expect(headers).toEqual({ [name]: 'Bearer not-this-one' });
    },
  );

  it('is left as the caller wrote it where the token is withheld', async () => {
    const { server, billing } = await boot();
    const oauth = { withholdToken: true };
    const anonymous = billing.get('/public', { oauth, validateStatus: () => true });
    expect((await firstValueFrom(anonymous)).status).toBe(401);
    const { access_token } = server.issueTokens({ subject: 'somebody' });
    const headers = { Authorization: `Bearer ${access_token}` };
    const { data } = await firstValueFrom(billing.get<Answer>('/own', { oauth, headers }));
    expect(data.subject).toBe('somebody');
    expect(server.journal.tokenRequests()).toHaveLength(0);
    expect(server.journal.requests('api')[0]?.headers.authorization).toBeUndefined();
  });

  it('needs nobody to be named where the token is withheld, and no connected user', async () => {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    const config = { oauth: { withholdToken: true }, validateStatus: () => true };
    expect((await firstValueFrom(crm.get('/public', config))).status).toBe(401);
    expect((await firstValueFrom(crm.for('nobody').get('/public', config))).status).toBe(401);
    expect(server.journal.apiCalls(401)).toHaveLength(2);
  });
});

describe('a single call', () => {
  const others: [string, AxiosRequestConfig][] = [
    ['adapter', { adapter: 'fetch' }],
    ['transport', { transport: { request: () => undefined } } as AxiosRequestConfig],
    ['socketPath', { socketPath: '/var/run/docker.sock' }],
    ['auth', { auth: { username: 'me', password: 'mine' } }],
    ['beforeRedirect', { beforeRedirect: () => undefined }],
  ];
  it.each(others)('may not set %s, through a verb or axiosRef', async (option, config) => {
    const server = await startServer();
    const billing = await bootClient(machineClient(server));
    const crm = await bootClient(userClient(server));
    const alice = await connectUser(crm, server, 'alice');
    const calls = [billing, alice].flatMap((session) => [
      () => firstValueFrom(session.get('/things', config)),
      () => session.axiosRef.get('/things', config),
      () => session.axiosRef.create().get('/things', config),
      () => session.axiosRef({ url: '/things', ...config }),
      () => session.axiosRef.create(config).get('/things'),
    ]);
    for (const call of calls) {
      const error = await failure(call, ConfigurationError);
      expect(error.message).toContain(`may not set "${option}"`);
    }
    expect(server.journal.apiCalls()).toHaveLength(0);
  });

  it('may not get past the session with an adapter that an interceptor or a default sets', async () => {
    const { server, billing } = await boot();
    const adapter = async () => Promise.reject(new Error('it was called'));
    const id = billing.axiosRef.interceptors.request.use((config) => ({ ...config, adapter }));
    await failure(firstValueFrom(billing.get('/things')), ConfigurationError);
    billing.axiosRef.interceptors.request.eject(id);
    billing.axiosRef.defaults.adapter = adapter;
    await failure(firstValueFrom(billing.get('/things')), ConfigurationError);
    expect(server.journal.apiCalls()).toHaveLength(0);
  });

  it('may not set an adapter either once the application has cleared the interceptors', async () => {
    const { server, billing } = await boot();
    const adapter = async () => Promise.reject(new Error('it was called'));
    billing.axiosRef.interceptors.request.clear();
    await failure(firstValueFrom(billing.get('/things', { adapter })), ConfigurationError);
    expect(server.journal.apiCalls()).toHaveLength(0);
    await firstValueFrom(billing.get('/things'));
    expect(server.journal.apiCalls(200)).toHaveLength(1);
  });
});
