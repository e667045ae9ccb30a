import { Agent } from 'node:https';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  MemoryTokenStore,
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootApplication } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { bootFailure, good, SECRET, wrong } from './options.fixtures.js';

describe('a mistake in the options of the module fails the boot', () => {
  it.each([
    ['a misspelt option', { stores: {} }, 'stores', /Did you mean "store"\?/],
    ['a misspelt option of cache', { cache: { maxEntrys: 1 } }, 'cache.maxEntrys', /maxEntries/],
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
    const mistakes = error.problems.filter(({ client }) => client === undefined);
    expect(mistakes).toMatchObject([{ option }]);
    expect(error.message).toContain(`module options, option "${option}"`);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(SECRET);
  });

  it('a certificate of the client that the agent of the module would leave unused', async () => {
    const error = await bootFailure({
      transport: { httpsAgent: new Agent() },
      clients: { billing: { ...good, transport: selfSigned('billing') }, crm: good },
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

describe('a module that is compiled and never initialised', () => {
  it('reports the mistakes of a client when it is first used, and leaves others alone', async () => {
    const application = await Test.createTestingModule({
      imports: [
        OAuthClientModule.forRoot({ clients: { billing: { ...good, clientId: '' }, crm: good } }),
      ],
    }).compile();
    const registry = application.get(OAuthClientRegistry);
    const call = () => firstValueFrom(registry.get('billing').for('alice').get('/'));
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
