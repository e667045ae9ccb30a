import { Injectable } from '@nestjs/common';
import {
  InterceptRefresh,
  OnTokenUpdated,
  ReentrantTokenRequestError,
  type OAuthSession,
  type RefreshContext,
  type RefreshHandler,
  type RefreshInterceptor,
  type TokenGrant,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { lastValueFrom, tap, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bootExtended, connect } from '../compliance/bench.js';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { callbackOf } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';
import { RenewalBench } from '../support/renewal-bench.js';

const CREDENTIALS = { username: 'alice', password: 'x' };

describe('a token that the store does not take', () => {
  async function outage(variant?: { scope: string[] }) {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const grant = await bench.user({ grant: 'password', scope: ['read'] }, { token: false });
    const session = variant ? grant.with(variant) : grant;
    store.fail();
    const token = await session.fetchToken(CREDENTIALS);
    return { store, bench, grant, session, token };
  }

  it('is used meanwhile, and written as soon as the store answers', async () => {
    const { store, bench, session, token } = await outage();
    expect(await session.accessToken()).toBe(token.accessToken);
    store.recover();
    const key = { client: 'client', subject: 'alice' };
    await vi.waitFor(async () =>
      expect((await store.shared.get(key))?.version).toBe(token.version),
    );
    bench.expire();
    expect(await session.accessToken()).not.toBe(token.accessToken);
    expect(bench.tokenRequests).toBe(2);
  });

  it('is used, and its grant written, on a session of with(), too', async () => {
    const { store, bench, session, token } = await outage({ scope: ['mail'] });
    expect(await session.accessToken()).toBe(token.accessToken);
    store.recover();
    const key = { client: 'client', subject: 'alice' };
    await vi.waitFor(async () =>
      expect((await store.shared.get(key))?.refreshToken).toEqual(expect.any(String)),
    );
    bench.expire();
    expect(await session.accessToken()).not.toBe(token.accessToken);
  });

  it('stands in for the one that was there before', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const session = await bench.user({ grant: 'password' });
    const before = await session.accessToken();
    store.fail();
    const token = await session.fetchToken(CREDENTIALS);
    expect(token.accessToken).not.toBe(before);
    expect(await session.accessToken()).toBe(token.accessToken);
  });

  it('of a code is not lost either', async () => {
    const store = new FaultyStore();
    const bench = await RenewalBench.start({}, store);
    const alice = await bench.user({}, { token: false });
    const authorizationResponse = await callbackOf(alice, bench.server);
    store.fail('set');
    const { token } = await alice.completeAuthorization({ authorizationResponse });
    expect(await alice.accessToken()).toBe(token.accessToken);
  });
});

let server: FakeAuthorizationServer;
let log: string[];
beforeEach(async () => {
  server = await startServer({ deviceIntervalSeconds: 1 });
  log = [];
});

@Injectable()
@InterceptRefresh()
class Diary implements RefreshInterceptor {
  intercept({ subject, reason }: RefreshContext, next: RefreshHandler): Observable<TokenSet> {
    return next.handle().pipe(tap(() => log.push(`${subject} ${reason}`)));
  }
}

describe('@InterceptRefresh', () => {
  it('wraps the exchange of a code', async () => {
    const { alice } = await bootExtended(server, [Diary]);
    await connect(alice, server);
    expect(log).toEqual(['alice forced']);
  });

  it('wraps the exchange of a password', async () => {
    const { alice } = await bootExtended(server, [Diary], { grant: 'password' });
    await alice.fetchToken(CREDENTIALS);
    expect(log).toEqual(['alice forced']);
  });

  it('wraps what a fragment brings', async () => {
    const { alice } = await bootExtended(server, [Diary], { grant: 'implicit' });
    await alice.tokenFromFragment(await callbackOf(alice, server));
    expect(log).toEqual(['alice forced']);
  });

  it('wraps the whole asking of a device authorization, once', async () => {
    const { deviceAuthorizationEndpoint } = server;
    const client = { grant: 'device_code', deviceAuthorizationEndpoint } as const;
    const { alice } = await bootExtended(server, [Diary], client);
    server.next('token').respondJson(400, { error: 'authorization_pending' });
    const steps = alice
      .authorizeDevice$()
      .pipe(
        tap((step) => step.status === 'pending' && server.approveDevice(step.userCode, 'alice')),
      );
    expect(await lastValueFrom(steps)).toMatchObject({ status: 'authorized' });
    expect(log).toEqual(['alice forced']);
    expect(server.journal.count('token')).toBe(2);
  });
});

describe('what is part of an acquisition', () => {
  it('is told so when it asks for that very token: a handler of a password', async () => {
    let mine: OAuthSession | undefined;
    @Injectable()
    class Handler {
      @OnTokenUpdated()
      async again(): Promise<void> {
        log.push((await failure(mine!.fetchToken(CREDENTIALS), ReentrantTokenRequestError)).code);
      }
    }
    const { alice } = await bootExtended(server, [Handler], { grant: 'password' });
    mine = alice;
    await alice.fetchToken(CREDENTIALS);
    expect(log).toEqual(['reentrant_token_request']);
    expect(server.journal.count('token')).toBe(1);
  });

  it('is told so at once when it asks for that very token: the params of a grant', async () => {
    let mine: OAuthSession | undefined;
    const grant: TokenGrant = {
      type: 'urn:example:mine',
      params: async () => ({ subject_token: await mine!.accessToken() }),
    };
    mine = await bootClient(machineClient(server, { grant }));
    await failure(mine.accessToken(), ReentrantTokenRequestError);
    expect(server.journal.count('token')).toBe(0);
  });
});
