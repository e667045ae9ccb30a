import { HttpService } from '@nestjs/axios';
import axios, { type AxiosInstance } from 'axios';
import { firstValueFrom } from 'rxjs';
import {
  ConfigurationError,
  InsecureTransportError,
  OAuth2Auth,
  OriginNotAllowedError,
  TokenExpiredError,
  TokenSet,
  UnsupportedTokenTypeError,
  type OAuth2AuthOptions,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost, type Host } from '../support/host.js';

const TOKEN = { access_token: 'held-token', token_type: 'Bearer' };

let api: Host;
let http: AxiosInstance;

const auth = (more: Partial<OAuth2AuthOptions> = {}) =>
  new OAuth2Auth({ token: TOKEN, allowInsecureHttp: true, ...more });
const authorization = () => api.requests.at(-1)?.headers.authorization;

beforeEach(async () => {
  api = await startHost();
  http = axios.create({ baseURL: api.origin });
});

describe('OAuth2Auth', () => {
  it.each([
    ['a token response', TOKEN],
    ['a token set', TokenSet.from(TOKEN)],
    ['a stored record', TokenSet.from(TOKEN).toRecord()],
  ])('attaches %s to an axios instance, in place of any other', async (_what, token) => {
    auth({ token }).attach(http);
    await http.get('/things', { headers: { Authorization: 'Basic own' } });
    expect(authorization()).toBe('Bearer held-token');
  });

  it('attaches to an HttpService', async () => {
    const service = new HttpService(http);
    auth().attach(service);
    await firstValueFrom(service.get('/things'));
    expect(authorization()).toBe('Bearer held-token');
  });

  it('is removed again, also from children that the instance has made', async () => {
    const remove = auth().attach(http);
    const child = http.create();
    await child.get('/child');
    expect(authorization()).toBe('Bearer held-token');
    remove();
    remove();
    for (const instance of [http, child]) {
      await instance.get('/after', { headers: { Authorization: 'Basic own' } });
      expect(authorization()).toBe('Basic own');
    }
    auth().attach(http);
    await http.get('/again');
    expect(authorization()).toBe('Bearer held-token');
  });

  it('sends through the adapter that the instance had', async () => {
    const seen: unknown[] = [];
    const own = axios.create({
      baseURL: 'https://api.example',
      adapter: (config) => {
        seen.push(config.headers.get('Authorization'));
        return Promise.resolve({ data: 'own', status: 200, statusText: '', headers: {}, config });
      },
    });
    auth().attach(own);
    expect((await own.get('/things')).data).toBe('own');
    expect(seen).toEqual(['Bearer held-token']);
  });

  it('leaves a 401 to the caller, and repeats nothing', async () => {
    const refusing = await startHost((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    });
    const client = axios.create({ baseURL: refusing.origin, validateStatus: () => true });
    auth().attach(client);
    expect((await client.get('/things')).status).toBe(401);
    expect(refusing.requests).toHaveLength(1);
  });

  it('sends a request as it is that says so', async () => {
    auth().attach(http);
    await http.get('/things', { oauth: { withholdToken: true } });
    expect(authorization()).toBeUndefined();
  });
});

describe('where a held token may go', () => {
  let foreign: Host;
  beforeEach(async () => {
    foreign = await startHost();
  });

  it("is the origin of the instance's baseURL, or the allowed origins", async () => {
    const remove = auth().attach(http);
    await failure(http.get(`${foreign.origin}/x`), OriginNotAllowedError);
    expect(foreign.requests).toEqual([]);
    remove();
    auth({ allowedOrigins: [foreign.origin] }).attach(http);
    await http.get(`${foreign.origin}/x`);
    expect(foreign.requests.at(-1)?.headers.authorization).toBe('Bearer held-token');
    await failure(http.get('/things'), OriginNotAllowedError);
  });

  it('is no other origin that the API redirects to', async () => {
    const moving = await startHost((_request, response) => {
      response.writeHead(302, { location: `${foreign.origin}/there` }).end();
    });
    const client = axios.create({ baseURL: moving.origin });
    auth().attach(client);
    await client.get('/things');
    expect(foreign.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('is https alone, unless told otherwise', async () => {
    new OAuth2Auth({ token: TOKEN }).attach(http);
    await failure(http.get('/things'), InsecureTransportError);
    expect(api.requests).toEqual([]);
  });

  it('has to be said', async () => {
    const error = await failure(() => auth().attach(axios.create()), ConfigurationError);
    expect(error.message).toContain('Set allowedOrigins.');
  });
});

describe('OAuth2Auth refuses', () => {
  it.each([undefined, null, {}, { access_token: '' }])('no token: %j', async (token) => {
    const error = await failure(
      () => auth({ token: token as unknown as OAuth2AuthOptions['token'] }),
      ConfigurationError,
    );
    expect(error.message).toContain('It was given no token.');
  });

  it('a token that has ended, before anything is sent', async () => {
    const token = TokenSet.from({ ...TOKEN, expires_in: 10 }, { now: Date.now() / 1000 - 11 });
    auth({ token }).attach(http);
    const error = await failure(http.get('/things'), TokenExpiredError);
    expect(error.message).not.toContain('held-token');
    expect(api.requests).toEqual([]);
  });

  it('a token of another type, a place that is none, an origin that is none', async () => {
    await failure(
      () => auth({ token: { ...TOKEN, token_type: 'mac' } }),
      UnsupportedTokenTypeError,
    );
    await failure(() => auth({ tokenPlacement: 'cookie' as 'header' }), ConfigurationError);
    await failure(() => auth({ allowedOrigins: ['api.example'] }), ConfigurationError);
  });

  it('an instance that carries a token already, a session, and an adapter of one call', async () => {
    auth().attach(http);
    await failure(() => auth().attach(http), ConfigurationError);
    await failure(http.get('/things', { adapter: 'http' }), ConfigurationError);
    const session = await bootClient(machineClient(await startServer()));
    await failure(() => auth().attach(session), ConfigurationError);
  });
});
