import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { OAuthClient, OAuthClientModule, type OAuthSession } from 'nestjs-oauth-client';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

describe('a first call', () => {
  let server: FakeAuthorizationServer;
  beforeEach(async () => {
    server = await FakeAuthorizationServer.start();
  });
  afterEach(() => server.stop());

  it('fetches a token by itself and calls the API with it', async () => {
    @Injectable()
    class Invoices {
      constructor(@OAuthClient('billing') readonly billing: OAuthSession) {}
    }
    @Module({
      imports: [
        OAuthClientModule.forRoot({
          clients: {
            billing: {
              tokenEndpoint: server.tokenEndpoint,
              clientId: 'client',
              clientSecret: 'secret',
              grant: 'client_credentials',
              scope: ['invoices'],
              baseURL: server.apiUrl,
              allowInsecureHttp: true,
            },
          },
        }),
      ],
      providers: [Invoices],
    })
    class AppModule {}
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await module.init();
    const { billing } = module.get(Invoices);
    const { data } = await firstValueFrom(billing.post('/invoices', { amount: 1 }));
    expect(data).toMatchObject({ method: 'POST', path: '/api/invoices', body: { amount: 1 } });
    await firstValueFrom(billing.get('/invoices'));
    expect(server.journal.tokenRequests()).toHaveLength(1);
    await module.close();
  });
});
