import { Controller, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import {
  ConfigurationError,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OnTokenEvent,
  type OAuthSession,
  type TokenEvent,
  type TokenEventType,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bootApplication, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { bootExtended, connect } from './bench.js';

let server: FakeAuthorizationServer;
let told: string[];
beforeEach(async () => {
  server = await startServer();
  told = [];
});

const note = (who: string, { client, subject, type }: TokenEvent) =>
  void told.push(`${who}: ${client} ${subject} ${type}`);

@Injectable()
class Everything {
  @OnTokenEvent()
  hear(event: TokenEvent): void {
    note('all', event);
  }
}

@Controller()
class Some {
  @OnTokenEvent('stored', 'cleared')
  hear(event: TokenEvent): void {
    note('some', event);
  }
}

@Injectable()
class Heir extends Some {
  @OnTokenEvent('refreshed')
  override hear(event: TokenEvent): void {
    note('heir', event);
  }
}

/** Handlers are called in a turn of their own. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('@OnTokenEvent', () => {
  it('hears of the types that it names, or of all, on providers and controllers', async () => {
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { client: userClient(server) } })],
      providers: [Everything, { provide: 'ALIAS', useExisting: Everything }],
      controllers: [Some],
    });
    const alice = application.get(OAuthClientRegistry).get('client').for('alice');
    await connect(alice, server);
    await alice.clearToken();
    await settled();
    expect(told).toEqual([
      'all: client alice fetched',
      'all: client alice cleared',
      'some: client alice cleared',
    ]);
  });

  it('hears once of what a method and the one that it overrides name', async () => {
    const { alice } = await bootExtended(server, [Heir]);
    await connect(alice, server);
    await alice.refreshToken();
    await alice.clearToken();
    await settled();
    expect(told).toEqual(['heir: client alice refreshed', 'heir: client alice cleared']);
  });

  it('hears of clients that are registered at run time, and of their cooldown', async () => {
    const { application } = await bootExtended(server, [Everything]);
    const tenant = application.get(OAuthClientRegistry).register('tenant', machineClient(server));
    server.next('token').respond(429, { 'Retry-After': '60' });
    await failure(tenant.accessToken(), Error);
    await settled();
    expect(told).toEqual(['all: tenant  cooldown_began', 'all: tenant  refresh_failed']);
  });

  it('hears with a module that was loaded later, also of what is no renewal', async () => {
    @Module({ providers: [Some] })
    class Late {}
    const { application, alice } = await bootExtended(server, []);
    await connect(alice, server);
    await application.get(LazyModuleLoader).load(() => Late);
    await alice.clearToken();
    await settled();
    expect(told).toEqual(['some: client alice cleared']);
  });

  it('is heard before the module is initialised, of an application that is only compiled', async () => {
    @Injectable()
    class Early {
      constructor(@OAuthClient('client') readonly client: OAuthSession) {}

      async onModuleInit(): Promise<void> {
        await connect(this.client.for('alice'), server);
      }
    }
    await bootExtended(server, [Early, Everything]);
    await settled();
    expect(told).toEqual(['all: client alice fetched']);
  });

  it('is not waited for by a renewal, and may ask for the token itself', async () => {
    const tokens: string[] = [];
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));

    @Injectable()
    class Slow {
      constructor(@OAuthClient('client') readonly client: OAuthSession) {}

      @OnTokenEvent('refreshed')
      async hear({ subject }: TokenEvent): Promise<void> {
        await finished;
        tokens.push(await this.client.for(subject).accessToken());
      }
    }
    const { application, alice } = await bootExtended(server, [Slow]);
    await connect(alice, server);
    const { accessToken } = await alice.refreshToken();
    expect(tokens).toEqual([]);
    const closed = application.close();
    setTimeout(finish, 50);
    await closed;
    expect(tokens).toEqual([accessToken]);
  });

  it.each([
    [
      'throws',
      (secret: string) => () => {
        throw new Error(`no\nway, token=${secret}`);
      },
    ],
    ['rejects', (secret: string) => () => Promise.reject(new Error(`no way, token=${secret}`))],
  ])('breaks nothing when it %s: that is logged once, without secrets', async (_how, failing) => {
    const logger = new RecordingLogger();
    const hear = failing('s3cr3t-t0k3n-of-somebody');

    @Injectable()
    class Failing {
      @OnTokenEvent()
      hear(): unknown {
        return hear();
      }
    }
    const application = await bootApplication(
      {
        imports: [OAuthClientModule.forRoot({ clients: { client: userClient(server) } })],
        providers: [Failing, Everything],
      },
      (builder) => builder.setLogger(logger),
    );
    const alice = application.get(OAuthClientRegistry).get('client').for('alice');
    await connect(alice, server);
    await alice.refreshToken();
    await settled();
    expect(told).toHaveLength(2);
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toContain('Failing.hear of fetched failed: Error: no way');
    expect(logger.errors[0]).not.toContain('s3cr3t');
    await application.close();
    expect(logger.errors.at(-1)).toBe('The handler Failing.hear failed 1 more times.');
  });

  it('does not tell of what happens after shutdown', async () => {
    const { application, alice } = await bootExtended(server, [Everything]);
    await connect(alice, server);
    await application.close();
    told = [];
    await alice.clearToken();
    await settled();
    expect(told).toEqual([]);
  });

  it('is abandoned by a shutdown that has waited for 10 s, which says so', async () => {
    const logger = new RecordingLogger();

    @Injectable()
    class Stuck {
      @OnTokenEvent('stored')
      hear(): Promise<void> {
        return new Promise(() => undefined);
      }
    }
    const application = await bootApplication(
      {
        imports: [OAuthClientModule.forRoot({ clients: { client: userClient(server) } })],
        providers: [Stuck],
      },
      (builder) => builder.setLogger(logger),
    );
    const session = application.get(OAuthClientRegistry).get('client');
    await session.for('alice').setToken({ access_token: 'a' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = application.close();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await closed;
    expect(logger.errors).toEqual([
      expect.stringContaining('abandons the handler Stuck.hear of the event stored'),
    ]);
  });

  it('refuses a type that there is not, with the one that was meant', async () => {
    const wrong = 'refresh_faild' as TokenEventType;
    const error = await failure(() => OnTokenEvent('fetched', wrong), ConfigurationError);
    expect(error.message).toContain('"refresh_faild"');
    expect(error.message).toContain('Did you mean "refresh_failed"?');
    // @ts-expect-error no such type
    await failure(() => OnTokenEvent('renewed'), ConfigurationError);
    // @ts-expect-error a decorator without its parentheses
    await failure(() => OnTokenEvent(Everything.prototype, 'hear', {}), ConfigurationError);
  });

  it('refuses a provider that is no singleton', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class OfRequest {
      @OnTokenEvent()
      hear(): void {
        told.push('never');
      }
    }
    const error = await failure(bootExtended(server, [OfRequest]), ConfigurationError);
    expect(error.message).toContain('OfRequest is request-scoped');
  });
});
