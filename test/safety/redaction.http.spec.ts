import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { leaks } from '../support/leaks.js';
import {
  bootSecretive,
  PROXY_PASSWORD,
  SECRET_TRANSPORT,
  type SecretiveApplication,
} from '../support/secretive-client.js';

type Situation = (application: SecretiveApplication) => Promise<unknown>;

const ownAgent = () => new Agent({ ...SECRET_TRANSPORT, keepAlive: false });
const get = ({ alice }: SecretiveApplication, config?: AxiosRequestConfig) =>
  firstValueFrom(alice.get('/things', config));
const failed = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('It was expected to fail')),
    (error: unknown) => error,
  );

const RESPONSES: Record<string, Situation> = {
  'with JSON': (application) => get(application),
  'with bytes': (application) => get(application, { responseType: 'arraybuffer' }),
  'that streams': (application) => get(application, { responseType: 'stream' }),
  'that streams, once it was read': async (application) => {
    const response = await get(application, { responseType: 'stream' });
    await text(response.data as Readable);
    return response;
  },
  'that streams with progress and a limit': (application) =>
    get(application, {
      responseType: 'stream',
      maxContentLength: 1e6,
      onDownloadProgress: () => undefined,
    }),
  'to a POST': ({ alice }) => firstValueFrom(alice.post('/things', { a: 1 })),
  'to a form': ({ alice }) => firstValueFrom(alice.postForm('/things', { a: 1 })),
  'to a streamed body': ({ alice }) => firstValueFrom(alice.put('/things', Readable.from(['a']))),
  'with an agent of the call': (application) => get(application, { httpsAgent: ownAgent() }),
  'after a redirect': (application) => {
    application.server.next('api').redirect('/api/other', 307);
    return get(application);
  },
  'after a 401 and a replay': (application) => {
    application.server.expireAccessTokens();
    return get(application);
  },
  'of a request sent as it is': async (application) => {
    application.server.next('api').respond(200, {}, '{}');
    return get(application, { oauth: { withholdToken: true } });
  },
  'of a client with a hook': (application) => {
    application.accounts.registerComplianceHook('protected_request', (request, { token }) => {
      request.params = { ...(request.params as object), proof: token.fingerprint };
      request.headers.set('x-copy', token.accessToken);
      return request;
    });
    // The fake API would answer what the hook has sent.
    application.server.next('api').respond(200, {}, '{}');
    return get(application, { httpsAgent: ownAgent() });
  },
  'of the axios instance': ({ alice }) => alice.axiosRef.get('/things'),
  'of a child of the axios instance': ({ alice }) => alice.axiosRef.create().get('/things'),
};

const ERRORS: Record<string, Situation> = {
  'of a 404': (application) => {
    application.server.next('api').respond(404, {}, 'no');
    return failed(get(application));
  },
  'of a 503 that streams': (application) => {
    application.server.next('api').respond(503, {}, 'no');
    return failed(get(application, { responseType: 'stream', httpsAgent: ownAgent() }));
  },
  'of a 401 that stays': (application) => {
    application.server.always('api').respond(401, { 'WWW-Authenticate': 'Bearer' });
    return failed(get(application));
  },
  'of a lost connection': (application) => {
    application.server.next('api').dropBefore();
    return failed(get(application, { httpsAgent: ownAgent() }));
  },
  'of a refused connection': async (application) => {
    await application.server.stop();
    return failed(get(application, { httpsAgent: ownAgent() }));
  },
  'of a body that is too long': (application) =>
    failed(get(application, { maxContentLength: 10, httpsAgent: ownAgent() })),
  'of a stream that is too long': async (application) => {
    const config = {
      maxContentLength: 10,
      responseType: 'stream',
      httpsAgent: ownAgent(),
    } as const;
    const { data } = await get(application, config);
    return failed(text(data as Readable));
  },
  'of a stream that breaks': async (application) => {
    application.server.next('api').oversized(1e6);
    const { data } = await get(application, { responseType: 'stream', httpsAgent: ownAgent() });
    await application.server.stop();
    return failed(text(data as Readable));
  },
  'of a body that is no JSON': (application) => {
    application.server.next('api').respond(200, {}, '{"a":');
    const transitional = { silentJSONParsing: false };
    const config = { responseType: 'json', transitional, httpsAgent: ownAgent() } as const;
    return failed(get(application, config));
  },
  'of a time limit': (application) => {
    application.server.next('api').hold();
    return failed(get(application, { timeout: 50, httpsAgent: ownAgent() }));
  },
  'of a time limit while waiting for a token': async (application) => {
    const { alice, server } = application;
    await alice.setToken({ ...server.issueTokens(), expires_in: -10 });
    const held = server.next('token').hold();
    const error = await failed(get(application, { timeout: 100, httpsAgent: ownAgent() }));
    // The renewal goes on without the call, and shutdown would wait for it.
    held.release();
    return error;
  },
  'of a call that was canceled': async (application) => {
    const held = application.server.next('api').hold();
    const canceled = new AbortController();
    const call = failed(get(application, { signal: canceled.signal, httpsAgent: ownAgent() }));
    await held.arrived;
    canceled.abort();
    return call;
  },
  'of a call that was canceled before': (application) =>
    failed(get(application, { signal: AbortSignal.abort(), httpsAgent: ownAgent() })),
  'of a stream that is canceled': async (application) => {
    application.server.next('api').oversized(1e6);
    const canceled = new AbortController();
    const { signal } = canceled;
    const { data } = await get(application, { responseType: 'stream', signal });
    const reading = failed(text(data as Readable));
    canceled.abort();
    return reading;
  },
  'of a proxy that is down': (application) => {
    const auth = { username: 'user', password: PROXY_PASSWORD };
    const proxy = { protocol: 'http', host: '127.0.0.1', port: 1, auth };
    return failed(get(application, { proxy }));
  },
  'of a redirect loop': (application) => {
    application.server.always('api').redirect('/api/things', 302);
    return failed(get(application, { httpsAgent: ownAgent() }));
  },
  'of a request sent as it is': (application) =>
    failed(get(application, { oauth: { withholdToken: true }, httpsAgent: ownAgent() })),
};

describe.each(Object.entries(RESPONSES))('a response %s', (_name, situation) => {
  it('shows no secret, however it is printed', async () => {
    const application = await bootSecretive();
    const response = await situation(application);
    expect(leaks(response, await application.secrets())).toEqual([]);
    expect(leaks((response as { config: object }).config, await application.secrets())).toEqual([]);
  });
});

describe.each(Object.entries(ERRORS))('an error %s', (_name, situation) => {
  it('shows no secret, however it is printed', async () => {
    const application = await bootSecretive();
    const { alice } = application;
    const events: unknown[] = [];
    alice.events$.subscribe((event) => events.push(event));
    const error = await situation(application);
    expect(error).toBeInstanceOf(Error);
    expect(leaks(error, await application.secrets())).toEqual([]);
    expect(leaks(events, await application.secrets())).toEqual([]);
  });
});
