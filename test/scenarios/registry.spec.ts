import { Injectable } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import {
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  MemoryTokenStore,
  oauthConfigFromEnv,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  OnTokenUpdated,
  TokenSet,
  type OAuthEnvironmentOptions,
  type TokenKey,
  type TokenRecord,
  type TokenUpdatedContext,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bootApplication,
  bootClients,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { answerOf, carriedTokens, giveExpiredToken } from './fixtures-state.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

describe('acceptance: names', () => {
  it('71: an unknown name is refused with the known ones', async () => {
    const registry = await bootClients({
      clients: { github: userClient(server), billing: machineClient(server) },
    });
    const error = await failure(() => registry.get('gitlab'), ConfigurationError);
    expect(error.client).toBe('gitlab');
    expect(error.message).toContain('Configured are: github, billing.');
    expect(registry.has('gitlab')).toBe(false);
  });

  it('71: a registered name gives one session, with its name and id, that calls the API', async () => {
    const registry = await bootClients({ clients: {} });
    const session = registry.register('billing', machineClient(server));
    expect(registry.get('billing')).toBe(session);
    expect(session).toMatchObject({ clientName: 'billing', clientId: 'client' });
    expect((await answerOf(session)).client).toBe('client');
  });

  it('71: port: a name that is injected and nowhere configured stops the boot', async () => {
    const imports = [
      OAuthClientModule.forRoot({ clients: { billing: machineClient(server) } }),
      OAuthClientModule.forFeature(['github']),
    ];
    const error = await failure(bootApplication({ imports }), ConfigurationError);
    expect(error.message).toContain('Configured are: billing.');
  });
});

describe('acceptance: configuration', () => {
  afterEach(() => void vi.unstubAllEnvs());

  /** The session of an application whose options come from its settings and its code. */
  async function boot(options: Omit<OAuthEnvironmentOptions, 'env'>): Promise<OAuthSession> {
    vi.stubEnv('OAUTH_BILLING_CLIENT_ID', 'client');
    vi.stubEnv('OAUTH_BILLING_CLIENT_SECRET', 'secret');
    vi.stubEnv('OAUTH_BILLING_SCOPE', 'of:settings');
    vi.stubEnv('OAUTH_BILLING_TOKEN_ENDPOINT', server.tokenEndpoint);
    const config = registerAs('oauth', () => oauthConfigFromEnv(options));
    const application = await bootApplication({
      imports: [
        ConfigModule.forRoot({ load: [config], ignoreEnvFile: true }),
        OAuthClientModule.forRootAsync({ names: ['billing'], ...config.asProvider() }),
      ],
    });
    return application.get(OAuthClientRegistry).get('billing');
  }

  /** What the code says of the client: who it is comes from the settings. */
  const code = () => ({
    grant: 'client_credentials' as const,
    baseURL: server.apiUrl,
    allowInsecureHttp: true,
  });

  it('72: settings of the application fill in what the code leaves out', async () => {
    const session = await boot({ clients: { billing: code() } });
    await answerOf(session);
    expect(server.journal.requests('token')[0]!.form.get('scope')).toBe('of:settings');
  });

  it.each([
    [false, 'of:code'],
    [true, 'of:settings'],
  ])('72: where both name an option and overwrite is %j, it is %s', async (overwrite, scope) => {
    const billing = { ...code(), clientId: 'client', scope: ['of:code'] };
    await answerOf(await boot({ clients: { billing }, overwrite }));
    expect(server.journal.requests('token')[0]!.form.get('scope')).toBe(scope);
  });

  it('72: with overwrite, an option with parts is merged part by part', () => {
    const clientAuthentication = {
      method: 'private_key_jwt',
      key: 'of:code',
      alg: 'ES256',
    } as const;
    const env = {
      OAUTH_BILLING_CLIENT_ID: 'client',
      OAUTH_BILLING_CLIENT_AUTHENTICATION: 'client_secret_jwt',
    };
    const code = { billing: { clientAuthentication } };
    const { clients } = oauthConfigFromEnv({ clients: code, env, overwrite: true });
    expect(clients['billing']!.clientAuthentication).toEqual({
      method: 'client_secret_jwt',
      key: 'of:code',
      alg: 'ES256',
    });
  });
});

describe('acceptance: before initialisation', () => {
  it('73: a session is refused while its client is not configured, and works later', async () => {
    const told: unknown[] = [];
    const made = new Subject<void>();
    const wasMade = firstValueFrom(made);
    @Injectable()
    class Early {
      constructor(@OAuthClient('billing') readonly session: OAuthSession) {
        try {
          told.push(session.clientId);
        } catch (error) {
          told.push(error);
        }
        made.next();
      }
    }
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRoot({ clients: {} }),
        OAuthClientModule.forFeature(['billing']),
        OAuthClientModule.forFeatureAsync({
          name: 'billing',
          useFactory: () => wasMade.then(() => machineClient(server)),
        }),
      ],
      providers: [Early],
    });
    expect(told).toEqual([expect.any(ConfigurationError)]);
    expect(String(told[0])).toContain('No client is configured under this name');
    expect((await answerOf(application.get(Early).session)).client).toBe('client');
  });

  it('73: port: a client that is registered at run time is refused before, and no sooner used', async () => {
    const registry = await bootClients({ clients: {} });
    await failure(() => registry.get('tenant'), ConfigurationError);
    registry.register('tenant', machineClient(server));
    expect((await answerOf(registry.get('tenant'))).client).toBe('client');
  });

  it('74: stores and an observer of tokens are given at the start', async () => {
    const kept: string[] = [];
    const store = new MemoryTokenStore();
    const authorizationRequestStore = new MemoryAuthorizationRequestStore();
    @Injectable()
    class Observer {
      @OnTokenUpdated()
      updated(token: TokenSet): void {
        kept.push(token.accessToken);
      }
    }
    const clients = { github: userClient(server) };
    const root = OAuthClientModule.forRoot({ clients, store, authorizationRequestStore });
    const application = await bootApplication({ imports: [root], providers: [Observer] });
    const alice = application.get(OAuthClientRegistry).get('github').for('alice');
    await authorize(alice, server);
    const record = await store.get({ client: 'github', subject: 'alice' });
    expect(record?.accessToken).toBe((await alice.token())!.accessToken);
    expect(kept).toEqual([record?.accessToken]);
  });
});

describe('acceptance: tokens from the application', () => {
  it('80: port: a shared TokenStore supplies the tokens of every client, asked by its name', async () => {
    const given = server.issueTokens({ subject: 'alice' });
    const asked: string[] = [];
    class Store extends MemoryTokenStore {
      override async get(key: TokenKey): Promise<TokenRecord | undefined> {
        asked.push(`${key.client} of ${key.subject}`);
        return TokenSet.from(given).toRecord();
      }
    }
    const clients = { github: userClient(server), gitlab: userClient(server) };
    const registry = await bootClients({ clients, store: new Store(), cache: false });
    for (const name of registry.names()) await answerOf(registry.get(name).for('alice'));
    expect(new Set(asked)).toEqual(new Set(['github of alice', 'gitlab of alice']));
    expect(carriedTokens(server)).toEqual([given.access_token, given.access_token]);
    expect(server.journal.count('token')).toBe(0);
  });

  it('80: port: shared and per-client @OnTokenUpdated are told of a renewal, with the client', async () => {
    const told: string[] = [];
    @Injectable()
    class Updaters {
      @OnTokenUpdated()
      every(_token: TokenSet, { client }: TokenUpdatedContext): void {
        told.push(`every: ${client}`);
      }

      @OnTokenUpdated('gitlab')
      one(_token: TokenSet, { client }: TokenUpdatedContext): void {
        told.push(`one: ${client}`);
      }
    }
    const clients = { github: userClient(server), gitlab: userClient(server) };
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients })],
      providers: [Updaters],
    });
    for (const name of ['github', 'gitlab']) {
      const alice = application.get(OAuthClientRegistry).get(name).for('alice');
      await giveExpiredToken(alice, server);
      await answerOf(alice);
    }
    expect(told).toEqual(['every: github', 'every: gitlab', 'one: gitlab']);
  });
});
