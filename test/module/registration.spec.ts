import { Inject, Injectable, Module, Scope, type DynamicModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { ContextIdFactory, LazyModuleLoader } from '@nestjs/core';
import {
  ConfigurationError,
  getOAuthClientToken,
  MemoryTokenStore,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  type OAuthClientFeatureOptionsFactory,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthClientOptionsFactory,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import {
  bootApplication,
  bootClients,
  machineClient,
  startServer,
} from '../support/application.js';
import { failure } from '../support/failure.js';

/** A client that is never called: nothing listens at these addresses. */
const client: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: 'secret',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
  grant: 'client_credentials',
};
const named = (clientId: string): OAuthClientOptions => ({ ...client, clientId });

@Injectable()
class Billing {
  constructor(@OAuthClient('billing') readonly session: OAuthSession) {}
}

/** The session that an application with these imports injects under `billing`. */
async function injected(...imports: (DynamicModule | Promise<DynamicModule>)[]) {
  const application = await bootApplication({ imports, providers: [Billing] });
  return application.get(Billing).session;
}

/** A module of its own, so that nothing is visible by accident. */
function feature(...imports: DynamicModule[]): DynamicModule {
  @Module({})
  class FeatureModule {}
  return { module: FeatureModule, imports, providers: [Billing], exports: [Billing] };
}

@Injectable()
class Settings {
  readonly clientId = 'from-settings';
}
@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class RootOptions implements OAuthClientOptionsFactory {
  constructor(private readonly settings: Settings) {}
  async createOAuthClientOptions(): Promise<OAuthClientModuleOptions> {
    return { clients: { billing: named(this.settings.clientId) } };
  }
}
@Module({ imports: [SettingsModule], providers: [RootOptions], exports: [RootOptions] })
class RootOptionsModule {}

@Injectable()
class BillingOptions implements OAuthClientFeatureOptionsFactory {
  constructor(private readonly settings: Settings) {}
  createOAuthClientOptions(): OAuthClientOptions {
    return named(this.settings.clientId);
  }
}
@Module({ imports: [SettingsModule], providers: [BillingOptions], exports: [BillingOptions] })
class BillingOptionsModule {}

describe('forRoot', () => {
  it('makes every client injectable everywhere, and the registry', async () => {
    const root = OAuthClientModule.forRoot({ clients: { billing: client, crm: client } });
    const application = await bootApplication({ imports: [feature(), root] });
    const { session } = application.get(Billing, { strict: false });
    expect(session).toBeInstanceOf(OAuthSession);
    expect(session.clientName).toBe('billing');
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(session);
    expect(application.get(OAuthClientRegistry).names()).toEqual(['billing', 'crm']);
  });

  it('injects into a property as well as into a constructor', async () => {
    @Injectable()
    class ByProperty {
      @OAuthClient('billing') readonly session!: OAuthSession;
    }
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { billing: client } })],
      providers: [ByProperty, Billing],
    });
    expect(application.get(ByProperty).session).toBe(application.get(Billing).session);
  });

  it('prints the injection token so that an error of Nest says which client is missing', async () => {
    expect(String(getOAuthClientToken('github'))).toBe('OAuthClient(github)');
    const imports = [OAuthClientModule.forRoot({ clients: { github: client } })];
    const building = Test.createTestingModule({ imports, providers: [Billing] }).compile();
    await expect(building).rejects.toThrow('OAuthClient(billing)');
  });

  it('needs no network to boot', async () => {
    const registry = await bootClients({
      clients: { billing: { ...client, issuer: 'https://nothing-listens-here.invalid' } },
    });
    expect(registry.get('billing').clientId).toBe('client');
  });
});

describe('forRootAsync', () => {
  const imports = [SettingsModule];

  it('takes a factory with imports and inject, and makes names injectable', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports,
      inject: [Settings],
      useFactory: async ({ clientId }: Settings) => ({ clients: { billing: named(clientId) } }),
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('takes a class, made for this with its own dependencies', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports,
      useClass: RootOptions,
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('takes a provider that exists elsewhere', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      imports: [RootOptionsModule],
      useExisting: RootOptions,
    });
    expect((await injected(root)).clientId).toBe('from-settings');
  });

  it('reaches a client that it does not name through forFeature and the registry', async () => {
    const root = OAuthClientModule.forRootAsync({
      useFactory: () => ({ clients: { billing: client } }),
    });
    const session = await injected(OAuthClientModule.forFeature(['billing']), root);
    expect(session.clientId).toBe('client');
  });

  it('refuses async options that name no source', () => {
    expect(() => OAuthClientModule.forRootAsync({ names: ['billing'] })).toThrow(
      /useFactory, useClass or useExisting/,
    );
  });

  it('says so when the factory returns nothing', async () => {
    const root = OAuthClientModule.forRootAsync({
      names: ['billing'],
      useFactory: () => undefined as unknown as OAuthClientModuleOptions,
    });
    const error = await failure(injected(root), ConfigurationError);
    expect(error.message).toContain('clients');
  });

  it('takes the namespace of a config module without a cast', async () => {
    const oauthConfig = registerAs('oauth', () => ({
      clients: {
        github: {
          clientId: 'octocat',
          clientSecret: 'secret',
          authorizationEndpoint: 'https://github.com/login/oauth/authorize',
          tokenEndpoint: 'https://github.com/login/oauth/access_token',
          redirectUri: 'https://app.example/github/callback',
          scope: ['read:user'],
          baseURL: 'https://api.github.com',
        },
        billing: {
          issuer: 'https://login.acme.example',
          clientId: 'invoicer',
          clientSecret: 'secret',
          clientAuthentication: { method: 'client_secret_post' },
          grant: 'client_credentials',
          scope: ['invoices:write'],
          baseURL: 'https://billing.acme.example',
        },
      },
    }));
    const session = await injected(
      await ConfigModule.forRoot({ load: [oauthConfig], ignoreEnvFile: true }),
      OAuthClientModule.forRootAsync({ names: ['github', 'billing'], ...oauthConfig.asProvider() }),
    );
    expect(session.clientId).toBe('invoicer');
  });
});

describe('forFeature', () => {
  const emptyRoot = OAuthClientModule.forRoot({ clients: {} });
  const inline = () => OAuthClientModule.forFeature({ billing: client });
  const byName = () => OAuthClientModule.forFeature(['billing']);

  it('makes a client that is configured right there injectable in the importing module', async () => {
    const application = await bootApplication({ imports: [emptyRoot, feature(inline())] });
    const { session } = application.get(Billing, { strict: false });
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(session);
  });

  it.each([
    ['the feature before the root', () => [feature(inline()), emptyRoot]],
    ['the root before the feature', () => [emptyRoot, feature(inline())]],
    ['a name before its definition', () => [feature(byName()), feature(inline()), emptyRoot]],
    ['a definition before its name', () => [emptyRoot, feature(inline()), feature(byName())]],
    ['the same name in several features', () => [byName(), byName(), inline(), emptyRoot]],
    [
      'a name before its async definition',
      () => [
        feature(byName()),
        OAuthClientModule.forFeatureAsync({ name: 'billing', useFactory: async () => client }),
        emptyRoot,
      ],
    ],
  ])('works in any order of imports: %s', async (_order, imports) => {
    const application = await bootApplication({ imports: imports(), providers: [] });
    const session = application.get(OAuthClientRegistry).get('billing');
    expect(application.get(getOAuthClientToken('billing'), { strict: false })).toBe(session);
    expect(session.clientId).toBe('client');
  });

  it('declares once when modules share one forFeature', async () => {
    const shared = inline();
    const application = await bootApplication({
      imports: [emptyRoot, feature(shared), feature(shared)],
    });
    expect(application.get(OAuthClientRegistry).names()).toEqual(['billing']);
  });

  it('says what to import when there is no root', async () => {
    const building = Test.createTestingModule({ imports: [inline()] }).compile();
    const error = await failure(building, ConfigurationError);
    expect(error).toMatchObject({ client: 'billing' });
    expect(error.message).toMatch(/without a root.*forRoot\(\) or forRootAsync\(\)/s);
  });
});

describe('forFeatureAsync', () => {
  it('takes several clients, from a factory, a class and an existing provider', async () => {
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forFeatureAsync(
          {
            name: 'factory',
            imports: [SettingsModule],
            inject: [Settings],
            useFactory: ({ clientId }: Settings) => named(`factory-${clientId}`),
          },
          { name: 'class', imports: [SettingsModule], useClass: BillingOptions },
          { name: 'existing', imports: [BillingOptionsModule], useExisting: BillingOptions },
        ),
        OAuthClientModule.forRoot({ clients: {} }),
      ],
    });
    const idOf = (name: string) =>
      application.get<OAuthSession>(getOAuthClientToken(name), { strict: false }).clientId;
    expect(['factory', 'class', 'existing'].map(idOf)).toEqual([
      'factory-from-settings',
      'from-settings',
      'from-settings',
    ]);
  });
});

describe('sessions in an application', () => {
  it('are replaced in a test by overrideProvider', async () => {
    const stub = { clientName: 'a stub' };
    const application = await bootApplication(
      {
        imports: [
          OAuthClientModule.forRoot({ clients: {} }),
          OAuthClientModule.forFeature({ billing: client }),
          OAuthClientModule.forFeature(['billing']),
        ],
        providers: [Billing],
      },
      (builder) => builder.overrideProvider(getOAuthClientToken('billing')).useValue(stub),
    );
    expect(application.get(Billing).session).toBe(stub);
  });

  it('are injected into request-scoped and transient providers, the same one each time', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      constructor(@OAuthClient('billing') readonly session: OAuthSession) {}
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class PerConsumer {
      constructor(@OAuthClient('billing') readonly session: OAuthSession) {}
    }
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { billing: client } })],
      providers: [PerRequest, PerConsumer],
    });
    const one = await application.resolve(PerRequest, ContextIdFactory.create());
    const other = await application.resolve(PerRequest, ContextIdFactory.create());
    expect(other).not.toBe(one);
    expect(other.session).toBe(one.session);
    expect((await application.resolve(PerConsumer)).session).toBe(one.session);
  });

  it('can be called in the async factory of another provider, before anything is initialised', async () => {
    const server = await startServer();
    const token = Symbol('first answer');
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { billing: machineClient(server) } })],
      providers: [
        {
          provide: token,
          inject: [getOAuthClientToken('billing')],
          useFactory: async (billing: OAuthSession) =>
            (await firstValueFrom(billing.get<{ path: string }>('/first'))).data.path,
        },
      ],
    });
    expect(application.get(token)).toBe('/api/first');
  });

  it('belong to one application each, with tokens, clients, hooks and events of its own', async () => {
    const server = await startServer();
    const [one, other] = [
      await bootClients({ clients: { billing: machineClient(server) } }),
      await bootClients({ clients: { billing: machineClient(server) } }),
    ];
    const heard: string[] = [];
    other.events$.subscribe(({ type }) => heard.push(type));
    let hooked = 0;
    other.get('billing').registerComplianceHook('protected_request', (request) => {
      hooked += 1;
      return request;
    });
    one.register('tenant', client);
    await firstValueFrom(one.get('billing').get('/one'));

    expect(one.get('billing')).not.toBe(other.get('billing'));
    expect(other.has('tenant')).toBe(false);
    expect(await one.get('billing').token()).toBeDefined();
    expect(await other.get('billing').token()).toBeUndefined();
    expect({ hooked, heard }).toEqual({ hooked: 0, heard: [] });
  });

  it('share tokens between applications that are given the same store', async () => {
    const server = await startServer();
    const store = new MemoryTokenStore();
    const clients = { billing: machineClient(server) };
    const [one, other] = [
      await bootClients({ clients, store }),
      await bootClients({ clients, store }),
    ];
    await firstValueFrom(one.get('billing').get('/one'));
    await firstValueFrom(other.get('billing').get('/other'));
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });
});

describe('a module that is loaded lazily', () => {
  const boot = () =>
    bootApplication({ imports: [OAuthClientModule.forRoot({ clients: { crm: client } })] });

  it('brings clients of its own, and injects those of the root', async () => {
    const application = await boot();
    @Injectable()
    class Lazy {
      constructor(
        @OAuthClient('billing') readonly billing: OAuthSession,
        @Inject(getOAuthClientToken('crm')) readonly crm: OAuthSession,
      ) {}
    }
    @Module({ imports: [OAuthClientModule.forFeature({ billing: client })], providers: [Lazy] })
    class LazyModule {}
    const lazy = await application.get(LazyModuleLoader).load(() => LazyModule);
    const { billing, crm } = lazy.get(Lazy);
    expect(billing.clientId).toBe('client');
    expect(application.get(OAuthClientRegistry).get('billing')).toBe(billing);
    expect(application.get(OAuthClientRegistry).get('crm')).toBe(crm);
  });

  it.each([
    ['an option mistake', 'billing', { ...client, clientId: '' }, /"clientId"/],
    ['a name that is taken', 'crm', client, /more than once/],
  ])('throws %s when it is loaded, and leaves nothing', async (_what, name, options, message) => {
    const application = await boot();
    const before = application.get(OAuthClientRegistry).names();
    const loading = application
      .get(LazyModuleLoader)
      .load(() => OAuthClientModule.forFeature({ [name]: options }), { logger: false });
    const error = await failure(loading, ConfigurationError);
    expect(error.problems).toMatchObject([{ client: name }]);
    expect(error.message).toMatch(message);
    expect(application.get(OAuthClientRegistry).names()).toEqual(before);
    expect(application.get(OAuthClientRegistry).get('crm').clientId).toBe('client');
  });
});
