import { Injectable } from '@nestjs/common';
import {
  InterceptRefresh,
  OAuthClientModule,
  OAuthClientRegistry,
  type RefreshContext,
  type RefreshHandler,
  type TokenSet,
} from 'nestjs-oauth-client';
import {
  EmptyError,
  firstValueFrom,
  Subject,
  takeUntil,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import { expect, it } from 'vitest';
import { bootApplication, connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { FaultyStore } from '../support/faulty-store.js';

const leave$ = new Subject<void>();

@Injectable()
@InterceptRefresh()
class Leaving {
  intercept(_: RefreshContext, next: RefreshHandler): Observable<TokenSet> {
    return next.handle().pipe(takeUntil(leave$), throwIfEmpty());
  }
}

it('an interceptor that leaves while the lease is asked for holds up no later renewal', async () => {
  const server = await startServer();
  const store = new FaultyStore();
  const [asked$, granted$] = [new Subject<void>(), new Subject<void>()];
  const application = await bootApplication({
    imports: [OAuthClientModule.forRoot({ clients: { client: userClient(server) }, store })],
    providers: [Leaving],
  });
  const session = application.get(OAuthClientRegistry).get('client');
  const alice = await connectUser(session, server, 'alice');
  const { acquireLease } = store;
  store.acquireLease = async (key, ttlMs) => {
    const lease = await acquireLease.call(store, key, ttlMs);
    const granted = firstValueFrom(granted$);
    asked$.next();
    await granted;
    return lease;
  };
  const asked = firstValueFrom(asked$);
  const left = failure(alice.refreshToken(), EmptyError);
  await asked;
  leave$.next();
  await left;
  granted$.next();
  await expect.poll(() => store.count('release')).toBe(1);
  store.acquireLease = acquireLease;
  const before = store.count('lease');
  await alice.refreshToken();
  expect(store.count('lease')).toBe(before + 1);
});
