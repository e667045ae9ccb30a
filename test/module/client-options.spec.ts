import { Agent } from 'node:https';
import { type OAuthClientOptions } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClients } from '../support/application.js';
import { bootFailure, good, SECRET, wrong } from './options.fixtures.js';

type Mistake = readonly [given: string, options: object, option: string, message: RegExp];

const CLIENT_MISTAKES: readonly Mistake[] = [
  ['a misspelt option', { tokenEndpiont: 'x' }, 'tokenEndpiont', /Did you mean "tokenEndpoint"\?/],
  ['an option in other letters', { baseUrl: 'x' }, 'baseUrl', /Did you mean "baseURL"\?/],
  ['an option unlike any other', { quantumFlux: 1 }, 'quantumFlux', /Leave it out/],
  [
    'a misspelt option of refresh',
    { refresh: { leewaySecond: 1 } },
    'refresh.leewaySecond',
    /Did you mean "refresh\.leewaySeconds"\?/,
  ],
  [
    'a misspelt option of transport',
    { transport: { httpAgents: 1 } },
    'transport.httpAgents',
    /Did you mean "transport\.http/,
  ],
  [
    'a misspelt option of clientAuthentication',
    { clientAuthentication: { method: 'client_secret_basic', encodng: 'raw' } },
    'clientAuthentication.encodng',
    /Did you mean "clientAuthentication\.encoding"\?/,
  ],
  ['refresh that is no object', { refresh: true }, 'refresh', /no object/],
  ['transport that is no object', { transport: 'http://proxy' }, 'transport', /no object/],
  ['http that is no object', { http: 'x' }, 'http', /no object/],
  ['no clientId', { clientId: undefined }, 'clientId', /environment variable/],
  ['an empty clientId', { clientId: '' }, 'clientId', /environment variable/],
  ['an empty clientSecret', { clientSecret: '' }, 'clientSecret', /environment variable/],
  ['a clientSecret that is not set', { clientSecret: undefined }, 'clientSecret', /empty/],
  ['a clientSecret that is no text', { clientSecret: 42 }, 'clientSecret', /no text/],
  [
    'no server at all',
    { tokenEndpoint: undefined },
    'issuer',
    /Neither issuer nor tokenEndpoint is set/,
  ],
  ['an address that is none', { tokenEndpoint: 'login.example' }, 'tokenEndpoint', /full address/],
  ['a function as an endpoint', { tokenEndpoint: () => 'x' }, 'tokenEndpoint', /full address/],
  [
    'an address with credentials',
    { tokenEndpoint: `https://me:${SECRET}@login.example/token` },
    'tokenEndpoint',
    /user name or password/,
  ],
  ['a fragment', { tokenEndpoint: 'https://login.example/#token' }, 'tokenEndpoint', /fragment/],
  ...[
    'issuer',
    'metadataUrl',
    'authorizationEndpoint',
    'tokenEndpoint',
    'revocationEndpoint',
    'introspectionEndpoint',
    'userinfoEndpoint',
    'baseURL',
    'redirectUri',
  ].map((option): Mistake => [
    `${option} on http`,
    { [option]: 'http://login.example/x' },
    option,
    /not https.*allowInsecureHttp/,
  ]),
  ['another scheme', { baseURL: 'ftp://api.example' }, 'baseURL', /ftp:\/\//],
  ['an unknown grant', { grant: 'client_credential' }, 'grant', /client_credentials/],
  [
    'a method without the secret that it needs',
    { clientSecret: undefined, clientAuthentication: { method: 'client_secret_post' } },
    'clientSecret',
    /client_secret_post needs one/,
  ],
  [
    'an unknown method',
    { clientAuthentication: { method: 'client_secret_basics' } },
    'clientAuthentication',
    /client_secret_basic, client_secret_post/,
  ],
  [
    'a method as text alone',
    { clientAuthentication: 'client_secret_post' },
    'clientAuthentication',
    /Write \{ method/,
  ],
  [
    'an unknown encoding',
    { clientAuthentication: { method: 'client_secret_basic', encoding: 'base64' } },
    'clientAuthentication.encoding',
    /'form' or 'raw'/,
  ],
  ...['proxy', 'httpAgent', 'httpsAgent', 'lookup'].map((name): Mistake => [
    `${name} in http`,
    { http: { [name]: {} } },
    `http.${name}`,
    /Move it to transport/,
  ]),
  ...['transport', 'socketPath', 'auth', 'baseURL', 'beforeRedirect', 'oauth'].map(
    (name): Mistake => [`${name} in http`, { http: { [name]: {} } }, `http.${name}`, /no setting/],
  ),
  [
    'an Authorization header',
    { http: { headers: { authorization: `Bearer ${SECRET}` } } },
    'http.headers',
    /session places the token/,
  ],
  [
    'an Authorization header for all methods',
    { http: { headers: { common: { Authorization: SECRET } } } },
    'http.headers',
    /session places the token/,
  ],
  ['scope as text', { scope: 'read write' }, 'scope', /no list/],
  ['deadGrantErrors as text', { deadGrantErrors: 'expired' }, 'deadGrantErrors', /no list/],
  ['an unknown pkce', { pkce: 's256' }, 'pkce', /'S256', 'plain' or false/],
  ['a state that is no function', { state: 'fixed' }, 'state', /function/],
  ['params that are no object', { tokenParams: 'a=b' }, 'tokenParams', /no object/],
  ['http allowed by a text', { allowInsecureHttp: 'false' }, 'allowInsecureHttp', /true nor false/],
  ['shared as text', { shared: 'false' }, 'shared', /true nor false/],
  [
    'a shared machine grant',
    { shared: true, grant: 'client_credentials' },
    'shared',
    /machine grant/,
  ],
  ['a number as text', { refresh: { timeoutMs: '10' } }, 'refresh.timeoutMs', /1 or more/],
  ['no time at all', { refresh: { timeoutMs: 0 } }, 'refresh.timeoutMs', /1 or more/],
  ['nobody at once', { refresh: { concurrency: 0 } }, 'refresh.concurrency', /1 or more/],
  ['a negative leeway', { refresh: { leewaySeconds: -1 } }, 'refresh.leewaySeconds', /0 or more/],
  ['NaN', { refresh: { rejectedPauseSeconds: NaN } }, 'refresh.rejectedPauseSeconds', /0 or more/],
  ['a bad transport timeout', { transport: { timeout: '5s' } }, 'transport.timeout', /number/],
  ['a bad API timeout', { http: { timeout: -1 } }, 'http.timeout', /number/],
  ['an origin with a path', { allowedOrigins: ['https://a.b/x'] }, 'allowedOrigins', /no origin/],
  ['an origin without scheme', { allowedOrigins: ['a.b'] }, 'allowedOrigins', /no origin/],
  ['an origin of two stars', { allowedOrigins: ['https://*.*.b'] }, 'allowedOrigins', /no origin/],
  [
    'an origin with credentials',
    { allowedOrigins: [`https://me:${SECRET}@api.example`] },
    'allowedOrigins',
    /no origin/,
  ],
  ['an origin that is no text', { allowedOrigins: [42] }, 'allowedOrigins', /no origin/],
  ['an origin on http', { allowedOrigins: ['http://api.example'] }, 'allowedOrigins', /not https/],
  ['origins as text', { allowedOrigins: 'https://api.example' }, 'allowedOrigins', /no list/],
  [
    'origins without that of baseURL',
    { allowedOrigins: ['https://other.example'] },
    'allowedOrigins',
    /Add 'https:\/\/api\.example'/,
  ],
  [
    'an agent beside a certificate',
    { transport: { httpsAgent: new Agent(), ca: SECRET } },
    'transport.httpsAgent',
    /excludes/,
  ],
];

describe('a mistake in the options of a client fails the boot, with its client and a remedy', () => {
  it.each(CLIENT_MISTAKES)('%s', async (_given, options, option, message) => {
    const error = await bootFailure({
      clients: { crm: good, billing: { ...good, ...wrong(options) } },
    });
    const mistakes = error.problems.filter((problem) => problem.option === option);
    expect(mistakes).toMatchObject([{ client: 'billing' }]);
    const [{ problem, remedy } = { problem: '', remedy: '' }] = mistakes;
    expect(`${problem} ${remedy}`).toMatch(message);
    expect(error.problems.every(({ client }) => client === 'billing')).toBe(true);
    expect(error.message).toContain(`client "billing", option "${option}": ${problem} ${remedy}`);
    expect(error.message + JSON.stringify(error)).not.toContain(SECRET);
  });

  it.each([undefined, null, 'billing'])('%s in place of options', async (options) => {
    const clients = { billing: options as unknown as OAuthClientOptions };
    const error = await bootFailure({ clients });
    expect(error.problems).toMatchObject([{ client: 'billing', problem: 'It has no options.' }]);
  });
});

describe('what is no mistake', () => {
  it.each<[string, Partial<OAuthClientOptions>]>([
    ['a function as the secret', { clientSecret: async () => SECRET }],
    ['a public client', { clientAuthentication: { method: 'none' } }],
    ['a loopback redirect URI', { redirectUri: 'http://127.0.0.1:3000/callback' }],
    ['a function as baseURL', { baseURL: () => 'https://api.example' }],
    ['a wildcard origin', { allowedOrigins: ['https://api.example', 'https://*.example'] }],
    ['http in development', { baseURL: 'http://localhost', allowInsecureHttp: true }],
    ['an undefined option', { scope: undefined, refresh: { timeoutMs: undefined } }],
    ['no baseURL', { baseURL: undefined }],
  ])('%s', async (_what, options) => {
    const registry = await bootClients({ clients: { billing: { ...good, ...options } } });
    expect(registry.get('billing').clientId).toBe('client');
  });
});
