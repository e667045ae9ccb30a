import { Injectable } from '@nestjs/common';
import {
  InterceptRefresh,
  OAuthClientModule,
  OAuthClientRegistry,
  type RefreshContext,
  type RefreshHandler,
  type TokenSet,
} from 'nestjs-oauth-client';
import { timeout, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootApplication, connectUser, startServer, userClient } from '../support/application.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';

@Injectable()
@InterceptRefresh()
class Impatient {
  intercept({ subject }: RefreshContext, next: RefreshHandler): Observable<TokenSet> {
    return subject === 'bob' ? next.handle().pipe(timeout(50)) : next.handle();
  }
}

describe('an interceptor that leaves while its renewal waits for a turn', () => {
  it('ends the span, and leaves the turn to the next one', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const client = { ...userClient(server), refresh: { concurrency: 1 } };
    const application = await bootApplication({
      imports: [OAuthClientModule.forRoot({ clients: { client } })],
      providers: [Impatient],
    });
    const session = application.get(OAuthClientRegistry).get('client');
    const alice = await connectUser(session, server, 'alice');
    const bob = await connectUser(session, server, 'bob');
    const held = server.next('token').hold();
    const renewed = alice.refreshToken();
    await held.arrived;
    await expect(bob.refreshToken()).rejects.toThrow('Timeout');
    held.release();
    await renewed;
    await alice.refreshToken();

    const outcomes = observed
      .spans('acquire_token client')
      .map(({ attributes }) => attributes['oauth.outcome']);
    expect(outcomes.slice(-3)).toEqual(['failed', 'refreshed', 'refreshed']);
  });
});
