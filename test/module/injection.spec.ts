import { Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import {
  getOAuthClientToken,
  MemoryTokenStore,
  OAuthClient,
  OAuthClientModule,
  OAuthSession,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootApplication,
  bootClients,
  machineClient,
  startServer,
} from '../support/application.js';
import { Billing, client } from './registration.fixtures.js';

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
