import axios, { type AxiosInstance } from 'axios';
import type { OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
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
  headers: Record<string, string>;
  body: unknown;
  subject: string;
}

/** An SDK as they are written: given an axios instance, it makes every use of it that there is. */
class Sdk {
  constructor(private readonly http: AxiosInstance) {}

  async uses(): Promise<Record<string, Answer>> {
    const { http } = this;
    const { get, post, request } = http;
    const child = http.create({ headers: { 'x-child': 'yes' } });
    return {
      method: (await http.get<Answer>('/me')).data,
      detachedGet: (await get<Answer>('/me')).data,
      detachedPost: (await post<Answer>('/me', { a: 1 })).data,
      detachedRequest: (await request<Answer>({ url: '/me' })).data,
      called: (await http<Answer>({ url: '/me' })).data,
      calledWithUrl: (await http<Answer>('/me', { method: 'put', data: { a: 1 } })).data,
      requestWithUrl: (await (http.request as typeof http)<Answer>('/me')).data,
      form: (await http.postForm<Answer>('/me', { a: 1 })).data,
      child: (await child.get<Answer>('/me')).data,
      calledChild: (await child<Answer>('/me')).data,
      grandchild: (await child.create().post<Answer>('/me', {})).data,
    };
  }
}

/** The client's own instance, or that of a user, each with the subject that calls act for. */
const KINDS: [
  string,
  (server: FakeAuthorizationServer) => Promise<{ session: OAuthSession; subject: string }>,
][] = [
  [
    'of a client that acts for itself',
    async (server) => ({ session: await bootClient(machineClient(server)), subject: 'client' }),
  ],
  [
    'of a subject',
    async (server) => {
      const crm = await bootClient(userClient(server));
      return { session: await connectUser(crm, server, 'alice'), subject: 'alice' };
    },
  ],
];

describe.each(KINDS)('axiosRef %s', (_kind, boot) => {
  it('can be used by an SDK in every way', async () => {
    const server = await startServer();
    const { session, subject } = await boot(server);
    const uses = await new Sdk(session.axiosRef).uses();
    for (const [use, answer] of Object.entries(uses)) {
      expect({ use, subject: answer.subject }).toEqual({ use, subject });
    }
    expect(uses['calledWithUrl']).toMatchObject({ method: 'PUT', body: { a: 1 } });
    expect(uses['child']?.headers['x-child']).toBe('yes');
    expect(uses['method']?.headers['x-child']).toBeUndefined();
  });

  it('is an axios instance in what it shows: defaults, interceptors, getUri', async () => {
    const server = await startServer();
    const { axiosRef } = (await boot(server)).session;
    expect(typeof axiosRef).toBe('function');
    expect(axiosRef.defaults.baseURL).toBe(server.apiUrl);
    expect(axiosRef.getUri({ url: '/a', params: { b: 1 } })).toBe(`${server.apiUrl}/a?b=1`);
    axiosRef.defaults.headers.common['x-default'] = 'set';
    expect((await axiosRef.get<Answer>('/me')).data.headers['x-default']).toBe('set');
  });

  it("has the header defaults of every method, as axios' own instances have them", async () => {
    const server = await startServer();
    const { axiosRef } = (await boot(server)).session;
    for (const method of ['get', 'delete', 'head', 'post', 'put', 'patch'] as const) {
      axiosRef.defaults.headers[method]['x-method'] = method;
      expect(axiosRef.defaults.headers[method]).toEqual({ 'x-method': method });
    }
    axiosRef.defaults.headers.options = { 'x-method': 'set whole' };
    expect((await axiosRef.get<Answer>('/me')).data.headers['x-method']).toBe('get');
    expect((await axiosRef.post<Answer>('/me')).data.headers['x-method']).toBe('post');
    expect(Object.keys(axiosRef.defaults.headers)).toEqual(
      expect.arrayContaining(['common', 'get', 'options']),
    );
    const child = axiosRef.create();
    child.defaults.headers.patch['x-child'] = 'patch';
    const { headers } = (await child.patch<Answer>('/me')).data;
    expect(headers).toMatchObject({ 'x-method': 'patch', 'x-child': 'patch' });
    const own = (await axiosRef.patch<Answer>('/me')).data.headers;
    expect(own['x-child']).toBeUndefined();
  });

  it('replaces an Authorization header that an SDK sets as a default or in an interceptor', async () => {
    const server = await startServer();
    const { session, subject } = await boot(server);
    const http = session.axiosRef.create();
    http.defaults.headers.common['Authorization'] = 'Bearer of-the-sdk';
    expect((await http.get<Answer>('/me')).data.subject).toBe(subject);
    http.interceptors.request.use((config) => {
      config.headers.set('authorization', 'Basic of-the-sdk');
      return config;
    });
    expect((await http.get<Answer>('/me')).data.subject).toBe(subject);
  });

  it('repeats a failed request from its config, with a token again', async () => {
    const server = await startServer();
    const { session, subject } = await boot(server);
    const retried: unknown[] = [];
    session.axiosRef.interceptors.response.use(undefined, async (error: unknown) => {
      if (!axios.isAxiosError(error) || !error.config) throw error;
      retried.push(error.config.headers.get('authorization'));
      return session.axiosRef.request(error.config);
    });
    server.next('api').respond(503);
    const { data } = await firstValueFrom(session.post<Answer>('/me', { a: 1 }));
    expect(data).toMatchObject({ subject, method: 'POST', body: { a: 1 } });
    expect(retried).toEqual([undefined]);
    expect(server.journal.apiCalls().map(({ status }) => status)).toEqual([503, 200]);
  });

  it('renews a token that the API refuses, once for all who use it', async () => {
    const server = await startServer();
    const { session } = await boot(server);
    await session.accessToken();
    server.journal.clear();
    server.revokeAccessTokens();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => session.axiosRef.get('/me')),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });
});

describe('the instances of several subjects', () => {
  async function boot() {
    const server = await startServer();
    const crm = await bootClient(userClient(server));
    return {
      server,
      crm,
      alice: await connectUser(crm, server, 'alice'),
      bob: await connectUser(crm, server, 'bob'),
    };
  }

  it('are bound to one subject each, also at once', async () => {
    const { crm } = await boot();
    const subjects = ['alice', 'bob', 'alice', 'bob'];
    const answers = await Promise.all(
      subjects.map((subject) => crm.for(subject).axiosRef.get<Answer>('/me')),
    );
    expect(answers.map(({ data }) => data.subject)).toEqual(subjects);
  });

  it('share interceptors and defaults, with each other and with the verbs', async () => {
    const { alice, bob } = await boot();
    alice.axiosRef.interceptors.request.use((config) => {
      config.headers.set('x-intercepted', 'yes');
      return config;
    });
    alice.axiosRef.defaults.headers.common['x-default'] = 'yes';
    const shared = { 'x-intercepted': 'yes', 'x-default': 'yes' };
    expect((await bob.axiosRef.get<Answer>('/me')).data.headers).toMatchObject(shared);
    expect((await firstValueFrom(bob.get<Answer>('/me'))).data).toMatchObject({
      subject: 'bob',
      headers: shared,
    });
  });

  it('are made once for a session', async () => {
    const { alice, bob } = await boot();
    expect(alice.axiosRef).toBe(alice.axiosRef);
    expect(alice.axiosRef).not.toBe(bob.axiosRef);
  });

  it('keep to their subject when the config of another is repeated through them', async () => {
    const { server, alice, bob } = await boot();
    server.next('api').respond(503);
    const error = await failure(alice.axiosRef.get('/me'), axios.AxiosError);
    const { data } = await bob.axiosRef.request<Answer>(error.config ?? {});
    expect(data.subject).toBe('bob');
  });

  it('withhold the token where a call says so', async () => {
    const { server, alice } = await boot();
    const config = { oauth: { withholdToken: true }, validateStatus: () => true };
    expect((await alice.axiosRef.get('/public', config)).status).toBe(401);
    expect(server.journal.requests('api')[0]?.headers.authorization).toBeUndefined();
  });
});
