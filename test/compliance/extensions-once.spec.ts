import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import {
  ComplianceFix,
  OAuthClientModule,
  OAuthClientRegistry,
  OnAccessTokenRequest,
  OnTokenUpdated,
  type OAuthClientOptions,
  type TokenEndpointRequest,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootApplication, machineClient, startServer } from '../support/application.js';

let log: string[];
beforeEach(() => {
  log = [];
});

@Injectable()
@ComplianceFix('client')
class Fix {
  @OnAccessTokenRequest()
  mend(request: TokenEndpointRequest): TokenEndpointRequest {
    log.push('mended');
    return request;
  }

  @OnTokenUpdated()
  updated(): void {
    log.push('told');
  }
}

@Injectable()
class Heir extends Fix {
  @OnAccessTokenRequest()
  override mend(request: TokenEndpointRequest): TokenEndpointRequest {
    log.push('mended by the heir');
    return request;
  }

  @OnTokenUpdated('client', 'other')
  override updated(): void {
    log.push('told the heir');
  }
}

@Module({ providers: [Fix] })
class One {}

@Module({ providers: [Fix] })
class Another {}

/** What the first token of a client sets off. */
async function firstToken(
  { imports = [], ...metadata }: ModuleMetadata,
  options: Partial<OAuthClientOptions> = {},
): Promise<string[]> {
  const clients = { client: machineClient(await startServer(), options) };
  const application = await bootApplication({
    imports: [...imports, OAuthClientModule.forRoot({ clients })],
    ...metadata,
  });
  await application.get(OAuthClientRegistry).get('client').accessToken();
  return log;
}

describe('hooks and handlers run once', () => {
  it.each([
    ['an alias', { provide: 'ALIAS', useExisting: Fix }],
    ['a factory of it', { provide: 'SAME', useFactory: (fix: Fix) => fix, inject: [Fix] }],
  ])('for a class with %s', async (_what, provider) => {
    expect(await firstToken({ providers: [Fix, provider] })).toEqual(['mended', 'told']);
    log = [];
    expect(await firstToken({ providers: [provider, Fix] })).toEqual(['mended', 'told']);
  });

  it('for an overridden method that is decorated again', async () => {
    expect(await firstToken({ providers: [Heir] })).toEqual([
      'mended by the heir',
      'told the heir',
    ]);
  });

  it('for a class in two modules, save that each instance is told of tokens', async () => {
    expect(await firstToken({ imports: [One, Another] })).toEqual(['mended', 'told', 'told']);
  });

  it('for a class in two modules that is listed in fixes, too', async () => {
    const told = await firstToken({ imports: [One, Another] }, { fixes: [Fix] });
    expect(told).toEqual(['mended', 'told', 'told']);
  });
});
