import { Agent } from 'node:https';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  MemoryTokenStore,
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootApplication, bootClients } from '../support/application.js';
import { failure } from '../support/failure.js';

const SECRET = 'a-secret-that-must-not-show';

const good: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: SECRET,
  authorizationEndpoint: 'https://login.example/authorize',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
};

/** What a boot with these options fails with. */
function bootFailure(options: OAuthClientModuleOptions): Promise<ConfigurationError> {
  return failure(() => bootClients(options), ConfigurationError);
}

/** Mistakes are what types forbid: here they are made all the same. */
const wrong = (options: object) => options as unknown as Partial<OAuthClientOptions>;

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

describe('a mistake in the options of the module fails the boot', () => {
  it.each([
    ['a misspelt option', { stores: {} }, 'stores', /Did you mean "store"\?/],
    ['a misspelt option of cache', { cache: { maxEntry: 1 } }, 'cache.maxEntry', /maxEntries/],
    ['a misspelt option of refresh', { refresh: { timeout: 1 } }, 'refresh.timeout', /timeoutMs/],
    ['a bad number of refresh', { refresh: { timeoutMs: -1 } }, 'refresh.timeoutMs', /number/],
    ['a bad number of cache', { cache: { maxEntries: 0 } }, 'cache.maxEntries', /1 or more/],
    ['a bad age', { cache: { maxAgeSeconds: '1' } }, 'cache.maxAgeSeconds', /0 or more/],
    ['a cache that is no object', { cache: true }, 'cache', /no object/],
    ['token-side settings in http', { http: { proxy: false } }, 'http.proxy', /transport/],
    ['a class as the store', { store: MemoryTokenStore }, 'store', /instance/],
    ['a clock that tells nothing', { clock: Date.now }, 'clock', /now/],
    ['no clients', { clients: undefined }, 'clients', /empty object/],
    ['a list of clients', { clients: ['billing'] }, 'clients', /no object/],
    [
      'an agent beside a certificate',
      { transport: { httpsAgent: new Agent(), cert: SECRET } },
      'transport.httpsAgent',
      /excludes/,
    ],
  ])('%s', async (_given, options, option, message) => {
    const given = { clients: { billing: good }, ...options };
    const error = await bootFailure(given as unknown as OAuthClientModuleOptions);
    const mistakes = error.problems.filter((problem) => problem.option === option);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).not.toHaveProperty('client');
    expect(error.message).toContain(`module options, option "${option}"`);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(SECRET);
  });

  it('a certificate of the client that the agent of the module would leave unused', async () => {
    const error = await bootFailure({
      transport: { httpsAgent: new Agent() },
      clients: { billing: { ...good, transport: { cert: SECRET, key: SECRET } }, crm: good },
    });
    expect(error.problems).toMatchObject([{ client: 'billing', option: 'transport.httpsAgent' }]);
  });
});

describe('mistakes that several modules make together', () => {
  const root = (clients: OAuthClientModuleOptions['clients'] = {}) =>
    OAuthClientModule.forRoot({ clients });
  const inline = () => OAuthClientModule.forFeature({ billing: good });

  it.each([
    ['root and feature', () => [root({ billing: good }), inline()]],
    ['feature and root', () => [inline(), root({ billing: good })]],
    ['two features', () => [inline(), root(), inline()]],
    [
      'a feature and an async one',
      () => [
        root(),
        inline(),
        OAuthClientModule.forFeatureAsync({ name: 'billing', useFactory: () => good }),
      ],
    ],
  ])('the same client configured by %s', async (_where, imports) => {
    const error = await failure(bootApplication({ imports: imports() }), ConfigurationError);
    expect(error.problems).toMatchObject([{ client: 'billing' }]);
    expect(error.message).toMatch(/more than once.*forFeature\(\['…'\]\)/s);
  });

  it('a name that nobody configures', async () => {
    const imports = [OAuthClientModule.forFeature(['biling']), root({ billing: good, crm: good })];
    const error = await failure(bootApplication({ imports }), ConfigurationError);
    expect(error.problems).toMatchObject([{ client: 'biling' }]);
    expect(error.message).toMatch(/Did you mean "billing"\? Configured are: billing, crm\./);
  });

  it.each([
    ['forRoot twice', () => [root({ billing: good }), root({ crm: good })]],
    [
      'forRoot and forRootAsync',
      () => [root(), OAuthClientModule.forRootAsync({ useFactory: () => ({ clients: {} }) })],
    ],
  ])('%s', async (_what, imports) => {
    const error = await failure(bootApplication({ imports: imports() }), ConfigurationError);
    expect(error.problems).toMatchObject([{ option: 'forRoot' }]);
    expect(error.message).toMatch(/root more than once.*forFeature/s);
  });

  it('are all in one error, whatever the order', async () => {
    const bad = { ...good, ...wrong({ clientId: '', scope: 'a b', tokenEndpiont: 'x' }) };
    const imports = [
      OAuthClientModule.forFeature(['nobody']),
      OAuthClientModule.forFeature({ feature: bad, billing: good }),
      OAuthClientModule.forFeatureAsync({ name: 'async', useFactory: async () => bad }),
      OAuthClientModule.forRoot({
        clients: { billing: bad },
        ...({ stor: 1 } as object),
      }),
    ];
    const error = await failure(bootApplication({ imports }), ConfigurationError);
    const found = error.problems.map(({ client = '', option }) => `${client}.${option}`).sort();
    const ofBad = (client: string) =>
      ['clientId', 'scope', 'tokenEndpiont'].map((o) => `${client}.${o}`);
    expect(found).toEqual(
      ['.stor', 'nobody.clients', 'billing.clients']
        .concat(ofBad('feature'), ofBad('async'), ofBad('billing'))
        .sort(),
    );
    expect(error.message).toContain(`have ${found.length} problems`);
    expect(error.message).not.toContain(SECRET);
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

describe('a module that is compiled and never initialised', () => {
  it('reports the mistakes of a client when it is first used, and leaves others alone', async () => {
    const application = await Test.createTestingModule({
      imports: [
        OAuthClientModule.forRoot({ clients: { billing: { ...good, clientId: '' }, crm: good } }),
      ],
    }).compile();
    const registry = application.get(OAuthClientRegistry);
    const call = firstValueFrom(registry.get('billing').for('alice').get('/'));
    const error = await failure(call, ConfigurationError);
    expect(error.problems).toMatchObject([{ client: 'billing', option: 'clientId' }]);
    expect(registry.get('crm').clientId).toBe('client');
  });

  it('reports the mistakes of the module, too', async () => {
    const application = await Test.createTestingModule({
      imports: [OAuthClientModule.forRoot({ clients: { crm: good }, refresh: { timeoutMs: -1 } })],
    }).compile();
    const session = application.get(OAuthClientRegistry).get('crm');
    const error = await failure(() => session.clientId, ConfigurationError);
    expect(error.problems).toMatchObject([{ option: 'refresh.timeoutMs' }]);
  });
});
