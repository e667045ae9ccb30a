import { Injectable } from '@nestjs/common';
import {
  InterceptRefresh,
  type RefreshContext,
  type RefreshHandler,
  type RefreshInterceptor,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom, tap, throwError, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
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
    await connect(alice, server);
    await alice.refreshToken();
    expect(log).toEqual(['outer client alice forced', 'inner', 'inner end', 'outer end']);
  });

  it('is told why: the API refused the token, or there is none', async () => {
    const { alice } = await bootExtended(server, [Outer]);
    await connect(alice, server);
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
});
