import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  AuthorizationRequiredError,
  ComplianceFix,
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  MemoryTokenStore,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  OnAccessTokenResponse,
  OnProtectedRequest,
  type ProtectedRequest,
  type TokenEndpointResponse,
} from 'nestjs-oauth-client';
import { OAuthTestKit, overrideOAuthClient } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { connectUser, machineClient, startServer, userClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import {
  application,
  billing,
  compile,
  github,
  Repositories,
} from './override-oauth-client.support.js';

describe('overrideOAuthClient', () => {
  it('replaces what reaches the network, and keeps the options of the application', async () => {
    const builder = application({ clients: { github } });
    overrideOAuthClient(builder, 'github', { reply: { 'GET /user/repos': ['one'] } });
    const module = await compile(builder);
    await module.init();
    expect(await module.get(Repositories).list('alice')).toEqual(['one']);
    expect(module.get(OAuthClientRegistry).get('github')).toBe(module.get(Repositories).github);
    const kit = OAuthTestKit.of(module);
    expect(kit.client('github').calls).toMatchObject([
      { url: 'https://api.github.invalid/v3/user/repos', path: '/user/repos', subject: 'alice' },
    ]);
    kit.clock.advance(3600);
    await module.get(Repositories).list('alice');
    expect(kit.client('github').tokenRequests).toMatchObject([
      { url: 'https://github.invalid/access_token', grantType: 'refresh_token', subject: 'alice' },
    ]);
  });

  it('works before the application is initialised', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'github', {
      reply: 'ok',
    });
    expect(await (await compile(builder)).get(Repositories).list('alice')).toBe('ok');
  });

  it('is chained, once for each client, discovery and all', async () => {
    const builder = application({ clients: { github, billing } });
    overrideOAuthClient(overrideOAuthClient(builder, 'github', { token: null }), 'billing', {
      reply: { 'POST /invoices': { status: 201, data: { number: 7 } } },
    });
    const module = await compile(builder);
    await module.init();
    await failure(module.get(Repositories).list('alice'), AuthorizationRequiredError);
    const session = module.get(OAuthClientRegistry).get('billing');
    expect((await firstValueFrom(session.post('/invoices', {}))).data).toEqual({ number: 7 });
    expect(OAuthTestKit.of(module).client('billing').tokenRequests).toMatchObject([
      { url: 'https://login.acme.invalid/oauth-test/token', grantType: 'client_credentials' },
    ]);
  });

  it('reaches a client of forRootAsync with @nestjs/config, and fills in what is not set', async () => {
    const config = registerAs('oauth', () => ({
      clients: {
        github: {
          clientId: process.env['NOT_SET_IN_TESTS']!,
          clientSecret: process.env['NOT_SET_IN_TESTS']!,
          scope: ['repo'],
        },
      },
    }));
    @Module({
      imports: [
        ConfigModule.forRoot({ load: [config], ignoreEnvFile: true }),
        OAuthClientModule.forRootAsync({ names: ['github'], ...config.asProvider() }),
      ],
      providers: [Repositories],
    })
    class AppModule {}
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await compile(overrideOAuthClient(builder, 'github', { reply: ['one'] }));
    await module.init();
    expect(await module.get(Repositories).list('alice')).toEqual(['one']);
  });

  it('reaches a client of forFeature and forFeatureAsync', async () => {
    const builder = Test.createTestingModule({
      imports: [
        OAuthClientModule.forRoot({ clients: {} }),
        OAuthClientModule.forFeature({ github }),
        OAuthClientModule.forFeatureAsync({ name: 'billing', useFactory: () => billing }),
      ],
      providers: [Repositories],
    });
    overrideOAuthClient(builder, 'github', { reply: 'one' });
    const module = await compile(overrideOAuthClient(builder, 'billing', { reply: 'two' }));
    await module.init();
    expect(await module.get(Repositories).list('alice')).toBe('one');
    const session = module.get(OAuthClientRegistry).get('billing');
    expect((await firstValueFrom(session.get('/'))).data).toBe('two');
  });

  it('exercises the compliance hooks and interceptors of the application', async () => {
    @Injectable()
    @ComplianceFix('billing')
    class BillingFix {
      @OnAccessTokenResponse()
      unwrap(response: TokenEndpointResponse): TokenEndpointResponse {
        return response.withJson((response.json() as { wrapped: unknown }).wrapped);
      }

      @OnProtectedRequest()
      sign(request: ProtectedRequest): ProtectedRequest {
        request.headers.set('x-signature', 'signed');
        return request;
      }
    }
    @Injectable()
    class Billing implements OnApplicationBootstrap {
      constructor(@OAuthClient('billing') readonly billing: OAuthSession) {}

      onApplicationBootstrap(): void {
        this.billing.axiosRef.interceptors.request.use((config) => {
          config.headers.set('x-intercepted', 'yes');
          return config;
        });
      }
    }
    const builder = Test.createTestingModule({
      imports: [OAuthClientModule.forRoot({ clients: { billing } })],
      providers: [BillingFix, Billing],
    });
    overrideOAuthClient(builder, 'billing', {
      tokenReply: { wrapped: { access_token: 'unwrapped' } },
      reply: 'ok',
    });
    const module = await compile(builder);
    await module.init();
    await firstValueFrom(module.get(Billing).billing.get('/'));
    expect(OAuthTestKit.of(module).client('billing').calls).toMatchObject([
      { token: 'unwrapped', headers: { 'x-signature': 'signed', 'x-intercepted': 'yes' } },
    ]);
  });

  it('leaves other clients, their transport and where their tokens are alone', async () => {
    const server = await startServer();
    const store = new MemoryTokenStore();
    const builder = application({
      clients: { github, real: userClient(server), machine: machineClient(server) },
      store,
      transport: { timeout: 5_000, cert: undefined },
    });
    const module = await compile(overrideOAuthClient(builder, 'github', { reply: 'ok' }));
    await module.init();
    const registry = module.get(OAuthClientRegistry);
    const real = await connectUser(registry.get('real'), server, 'alice');
    await firstValueFrom(real.get('/real'));
    await firstValueFrom(registry.get('machine').get('/machine'));
    await module.get(Repositories).list('alice');
    expect(server.journal.apiCalls(200)).toHaveLength(2);
    expect(await store.get({ client: 'real', subject: 'alice' })).toBeDefined();
    expect(await store.get({ client: 'github', subject: 'alice' })).toBeUndefined();
  });

  it('goes with certificates, and with a store of pending requests, that are for all', async () => {
    const requests = new MemoryAuthorizationRequestStore();
    const builder = application({
      clients: { github, other: { ...github, clientSecret: 'secret' } },
      transport: { ca: selfSigned('Acme').cert },
      authorizationRequestStore: requests,
    });
    const module = await compile(overrideOAuthClient(builder, 'github', { reply: 'ok' }));
    await module.init();
    expect(await module.get(Repositories).list('alice')).toBe('ok');
    await module.get(Repositories).github.for('alice').authorizationUrl();
    expect(requests.toJSON()).toEqual({ pending: 0 });
    await module.get(OAuthClientRegistry).get('other').for('alice').authorizationUrl();
    expect(requests.toJSON()).toEqual({ pending: 1 });
  });

  it('lets options of the test win', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'github', {
      baseURL: 'https://other.invalid',
      scopePolicy: undefined,
      shared: true,
      reply: ({ url }) => url,
    });
    const session = (await compile(builder)).get(OAuthClientRegistry).get('github');
    expect((await firstValueFrom(session.get('/x'))).data).toBe('https://other.invalid/x');
  });

  it('connects a user by the application’s own flow', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'github', {
      token: null,
    });
    const module = await compile(builder);
    const session = module.get(Repositories).github;
    const { url } = await session.for('alice').authorizationUrl({ binding: 'b' });
    expect(url).toContain('https://github.invalid/authorize?');
    const authorizationResponse = OAuthTestKit.of(module).client('github').authorize(url);
    await session.completeAuthorization({ authorizationResponse, binding: 'b' });
    expect(await session.for('alice').accessToken()).toBe('github-alice-1');
  });

  it('refuses, at boot, a name that the application does not have', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'gitub');
    const module = await builder.compile();
    const error = await failure(module.init(), ConfigurationError);
    expect(error.message).toContain('client "gitub"');
    expect(error.message).toContain('Name one of github, or set registeredLater.');
  });

  it('reaches a client that is registered later, when it is said so', async () => {
    const builder = overrideOAuthClient(application({ clients: { github } }), 'tenant', {
      registeredLater: true,
      reply: 'ok',
    });
    const module = await compile(builder);
    await module.init();
    const session = module.get(OAuthClientRegistry).register('tenant', billing);
    expect((await firstValueFrom(session.get('/'))).data).toBe('ok');
  });

  it('refuses one name twice, and an application without a kit', async () => {
    const builder = application({ clients: { github } });
    overrideOAuthClient(builder, 'github');
    expect(() => overrideOAuthClient(builder, 'github')).toThrow('set up twice');
    const module = await compile(application({ clients: { github } }));
    expect(() => OAuthTestKit.of(module)).toThrow('This application has no test kit');
    const kit = OAuthTestKit.of(await compile(builder));
    expect(() => kit.client('billing')).toThrow('It has set up: github.');
  });
});
