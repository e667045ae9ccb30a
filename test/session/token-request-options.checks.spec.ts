import {
  ConfigurationError,
  type ClientAuthentication,
  type FetchTokenOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';

const VALUE = 'a-value-that-must-not-show';
const own = selfSigned('the client');

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer({ lenientTokenRequests: true });
});

const machine = (clientAuthentication?: ClientAuthentication): Promise<OAuthSession> =>
  bootClient(machineClient(server, { ...(clientAuthentication && { clientAuthentication }) }));
const last = () => server.journal.requests('token').at(-1)!;

describe('a mistake in the options of one call is an error, and nothing is sent', () => {
  it.each<[string, object, RegExp]>([
    ['a method', { method: 'PUT' }, /"method".*'POST' or 'GET'/],
    ['a method that is no text', { method: 5 }, /"method"/],
    ['forceQuerystring as text', { forceQuerystring: 'true' }, /"forceQuerystring"/],
    ['includeClientId as text', { includeClientId: 'false' }, /"includeClientId"/],
    ['a secret that is no text', { clientSecret: 5 }, /"clientSecret".*no text/],
    ['params as text', { params: VALUE }, /"params".*no object/],
    ['a number in params', { params: { n: 5, [VALUE.slice(9)]: VALUE } }, /"params\.n"/],
    ['null in params', { params: { n: null } }, /"params\.n"/],
    ['a number in a list in params', { params: { n: [5] } }, /"params\.n"/],
    ['grant_type in params', { params: { grant_type: 'x' } }, /"params\.grant_type"/],
    ['headers as a list', { headers: [VALUE] }, /"headers"/],
    ['Headers, which have no members', { headers: new Headers({ a: VALUE }) }, /"headers"/],
    ['a line break in a header', { headers: { 'x-key': `${VALUE}\nx` } }, /"headers\.x-key"/],
    ['a wide letter in a header', { headers: { 'x-key': `${VALUE}Ā` } }, /"headers\.x-key"/],
    ['a number as a header', { headers: { 'x-key': 5 } }, /"headers\.x-key"/],
    ['a header without a name', { headers: { [`${VALUE} x`]: 'x' } }, /"headers"/],
    ['Authorization', { headers: { authorization: VALUE } }, /authorization.*clientSecret/],
    ['a misspelt option', { param: { a: VALUE } }, /"param".*Did you mean "params"/],
    ['a scope', { scope: ['x'] }, /"scope".*with\(\{ scope: \[…\] \}\)/],
    ['an audience', { audience: VALUE }, /"audience".*with\(\{ audience: \[…\] \}\)/],
    ['a misspelt member of transport', { transport: { timeOut: 5 } }, /"transport\.timeOut"/],
    ['a timeout as text', { transport: { timeout: '5' } }, /"transport\.timeout"/],
    ['a certificate without a key', { transport: { cert: own.cert } }, /"transport\.cert".*key/],
    ['a key that is none', { transport: { cert: own.cert, key: VALUE } }, /"transport\.key"/],
    ['a proxy as text', { transport: { proxy: `http://u:${VALUE}@x` } }, /"transport\.proxy"/],
  ])('%s', async (_what, options, message) => {
    const session = await machine();
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');
    for (const call of [
      session.fetchToken(options),
      session.refreshToken(options),
      alice.refreshToken(options),
    ]) {
      const error = await failure(call, ConfigurationError);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain(VALUE);
    }
    expect(server.journal.count('token')).toBe(0);
  });

  it.each<[string, FetchTokenOptions, string]>([
    ['a code in params', { code: 'x', params: { code: 'y' } }, 'params.code'],
    ['a binding that nothing is judged by', { code: 'x', binding: 'browser' }, 'binding'],
    ['a code that is no text', { code: 5 as never }, 'code'],
  ])('%s', async (_what, options, option) => {
    const alice = (await bootClient(userClient(server))).for('alice');
    const error = await failure(alice.fetchToken(options), ConfigurationError);
    expect(error.message).toContain(`"${option}"`);
    expect(server.journal.count('token')).toBe(0);
  });

  it('a refresh token in the params of a renewal', async () => {
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');
    const options = { params: { refresh_token: 'x' } };
    await failure(alice.refreshToken(options), ConfigurationError);
  });

  it('anything of a token request where the grant sends none', async () => {
    const session = await bootClient(userClient(server, { grant: 'implicit' }));
    const options = { authorizationResponse: '#access_token=x', headers: { a: 'b' } };
    const error = await failure(session.for('alice').fetchToken(options), ConfigurationError);
    expect(error.message).toContain('sends no token request');
  });
});

it('a number in the params of authorizationUrl() is an error that names it', async () => {
  const alice = (await bootClient(userClient(server))).for('alice');
  const options = { params: { max_age: 0 as never } };
  const error = await failure(alice.authorizationUrl(options), ConfigurationError);
  expect(error.message).toContain('"params.max_age"');
});

describe('the secret of one call', () => {
  it.each<[string, ClientAuthentication]>([
    ['private_key_jwt', { method: 'private_key_jwt', key: own.key }],
    ['tls_client_auth', { method: 'tls_client_auth' }],
  ])('is refused with %s, which has none', async (method, authentication) => {
    const session = await bootClient(
      machineClient(server, { clientAuthentication: authentication, transport: own }),
    );
    const error = await failure(session.fetchToken({ clientSecret: 'x' }), ConfigurationError);
    expect(error.message).toContain(`${method} uses no secret`);
  });
});

const FUNCTION: ClientAuthentication = ({ headers }, { clientSecret }) =>
  headers.set('x-secret', clientSecret ?? 'none');
const METHODS: [string, ClientAuthentication | undefined][] = [
  ['client_secret_basic', undefined],
  ['client_secret_post', { method: 'client_secret_post' }],
  ['client_secret_jwt', { method: 'client_secret_jwt' }],
  ['private_key_jwt', { method: 'private_key_jwt', key: own.key }],
  ['none', { method: 'none' }],
  ['a function', FUNCTION],
];

describe.each(METHODS)('with %s, the options of one call', (method, authentication) => {
  const send = async (options: FetchTokenOptions) => {
    server.always('token').respondJson(200, { access_token: 'x', token_type: 'Bearer' });
    await (await machine(authentication)).fetchToken(options);
    return last();
  };

  it('put everything into the query with GET, in any letters', async () => {
    for (const given of ['GET', 'get']) {
      const { method: sent, query, body } = await send({ method: given as 'GET' });
      expect([sent, query.get('grant_type'), body]).toEqual(['GET', 'client_credentials', '']);
    }
  });

  it('put everything into the query of a POST with forceQuerystring', async () => {
    const { method: sent, query, body } = await send({ forceQuerystring: true });
    expect([sent, query.get('grant_type'), body]).toEqual(['POST', 'client_credentials', '']);
  });

  it('name the client in the form with includeClientId', async () => {
    const { form, headers } = await send({ includeClientId: true });
    expect(form.getAll('client_id')).toEqual(['client']);
    expect(headers.authorization).toBeUndefined();
  });

  it('do not name it there without, or are refused', async () => {
    if (method === 'client_secret_post') {
      return void (await failure(send({ includeClientId: false }), ConfigurationError));
    }
    expect((await send({ includeClientId: false })).form.has('client_id')).toBe(false);
  });

  it('add headers, also where there is one by default', async () => {
    const { headers } = await send({ headers: { accept: 'text/x', 'x-tenant': 'acme' } });
    expect(headers).toMatchObject({ accept: 'text/x', 'x-tenant': 'acme' });
  });

  it('add parameters, repeats kept', async () => {
    const { form } = await send({ params: { resource: ['https://a', 'https://b'] } });
    expect(form.getAll('resource')).toEqual(['https://a', 'https://b']);
  });

  it('name no client in parameters where the authentication does', async () => {
    const inForm = authentication !== undefined && typeof authentication === 'object';
    const sent = send({ params: { client_id: 'other' } });
    if (inForm) return void (await failure(sent, ConfigurationError));
    expect((await sent).form.get('client_id')).toBe('other');
  });

  it('authenticate with their own secret, or are refused', async () => {
    const secret = 'another secret, which is long enough';
    if (method === 'private_key_jwt') {
      return void (await failure(send({ clientSecret: secret }), ConfigurationError));
    }
    const used = await send({ clientSecret: secret });
    const of = await send({});
    const shown = ({ headers, form }: typeof used) =>
      JSON.stringify([
        headers.authorization,
        headers['x-secret'],
        form.get('client_secret'),
        form.get('client_assertion'),
      ]);
    expect(shown(used)).not.toBe(shown(of));
  });
});
