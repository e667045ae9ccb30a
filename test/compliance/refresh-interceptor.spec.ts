import { Injectable } from '@nestjs/common';
import {
  HandlerError,
  InterceptRefresh,
  OAuthClientModule,
  OAuthClientRegistry,
  type RefreshContext,
  type RefreshHandler,
  type RefreshInterceptor,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { EMPTY, firstValueFrom, of, tap, throwError, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootApplication, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { bootExtended, connect } from './bench.js';

let server: FakeAuthorizationServer;
let log: string[];
beforeEach(async () => {
  server = await startServer();
  log = [];
});

@Injectable()
@InterceptRefresh('client')
class Outer implements RefreshInterceptor {
  intercept({ client, subject, reason }: RefreshContext, next: RefreshHandler) {
    log.push(`outer ${client} ${subject} ${reason}`);
    return next.handle().pipe(tap(() => log.push('outer end')));
  }
}

@Injectable()
@InterceptRefresh()
class Inner implements RefreshInterceptor {
  intercept(_context: RefreshContext, next: RefreshHandler): Observable<TokenSet> {
    log.push('inner');
    return next.handle().pipe(tap(() => log.push('inner end')));
  }
}

@Injectable()
@InterceptRefresh('other')
class Elsewhere implements RefreshInterceptor {
  intercept(): Observable<TokenSet> {
    return throwError(() => new Error('another client was meant'));
  }
}

describe('@InterceptRefresh', () => {
  it('wraps each acquisition, the first interceptor outermost', async () => {
    const { alice } = await bootExtended(server, [Outer, Inner, Elsewhere]);
    const once = ['outer client alice forced', 'inner', 'inner end', 'outer end'];
    await connect(alice, server);
    expect(log).toEqual(once);
    await alice.refreshToken();
    expect(log).toEqual([...once, ...once]);
  });

  it('is told why: the API refused the token, or there is none', async () => {
    const { alice } = await bootExtended(server, [Outer]);
    await connect(alice, server);
    log = [];
    server.revokeAccessTokens();
    await firstValueFrom(alice.get('/things'));
    expect(log).toEqual(['outer client alice rejected', 'outer end']);
    const machine = await bootExtended(server, [Outer], { grant: 'client_credentials' });
    await firstValueFrom(machine.session.get('/things'));
    expect(log.at(-2)).toBe('outer client  needed');
  });

  it('runs once for all callers that wait, outside of any of them', async () => {
    const { session } = await bootExtended(server, [Outer], { grant: 'client_credentials' });
    await Promise.all([1, 2, 3].map(() => firstValueFrom(session.get('/things'))));
    expect(log).toEqual(['outer client  needed', 'outer end']);
  });

  it('may refuse: the callers get what it threw', async () => {
    const problem = new Error('closed today');
    @Injectable()
    @InterceptRefresh()
    class Refusing implements RefreshInterceptor {
      intercept(): Observable<TokenSet> {
        return throwError(() => problem);
      }
    }
    const { session } = await bootExtended(server, [Refusing], { grant: 'client_credentials' });
    await expect(firstValueFrom(session.get('/things'))).rejects.toBe(problem);
    expect(server.journal.requests('token')).toHaveLength(0);
  });

  it('runs once for an instance that several providers have', async () => {
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { client: machineClient(server) } })],
      providers: [Outer, { provide: 'ALIAS', useExisting: Outer }],
    });
    await application.get(OAuthClientRegistry).get('client').accessToken();
    expect(log).toEqual(['outer client  needed', 'outer end']);
  });

  it.each([
    ['ends without a token', () => EMPTY, 'ended without a token'],
    ['brings nothing', () => of(undefined), 'brought something that is no TokenSet'],
    ['brings a token response', () => of({ access_token: 'x' }), 'is no TokenSet'],
    ['returns nothing', () => undefined, 'returned no Observable'],
  ])('that %s is an error that names it', async (_what, intercept, problem) => {
    @Injectable()
    @InterceptRefresh()
    class Useless implements RefreshInterceptor {
      readonly intercept = intercept as () => Observable<never>;
    }
    const { session } = await bootExtended(server, [Useless], { grant: 'client_credentials' });
    const { message } = await failure(session.accessToken(), HandlerError);
    expect(message).toContain('refresh interceptor Useless');
    expect(message).toContain(problem);
  });
});
