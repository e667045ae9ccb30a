import { Injectable } from '@nestjs/common';
import {
  HandlerError,
  OAuthClient,
  OnTokenUpdated,
  type OAuthSession,
  type TokenSet,
  type TokenUpdatedContext,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { bootExtended, connect } from './bench.js';

interface Told {
  token: TokenSet;
  context: TokenUpdatedContext;
  /** Whether the store had it then. */
  stored: boolean;
}

let server: FakeAuthorizationServer;
let told: Told[];
let problem: Error | undefined;
beforeEach(async () => {
  server = await startServer();
  told = [];
  problem = undefined;
});

@Injectable()
class Watcher {
  constructor(@OAuthClient('client') readonly client: OAuthSession) {}

  @OnTokenUpdated()
  async updated(token: TokenSet, context: TokenUpdatedContext): Promise<void> {
    const stored = await this.client.for(context.subject).token();
    told.push({ token, context, stored: stored?.version === token.version });
    if (problem) throw problem;
  }
}

@Injectable()
class Elsewhere {
  @OnTokenUpdated('other')
  updated(): void {
    throw new Error('another client was meant');
  }
}

describe('@OnTokenUpdated', () => {
  it('hears of first tokens and renewals, with the token before, after they are stored', async () => {
    const { alice } = await bootExtended(server, [Watcher, Elsewhere]);
    const first = await connect(alice, server);
    const second = await alice.refreshToken();
    expect(told.map(({ token }) => token.version)).toEqual([first.version, second.version]);
    expect(told.map(({ context }) => context.previous?.version)).toEqual([
      undefined,
      first.version,
    ]);
    expect(told.map(({ stored }) => stored)).toEqual([true, true]);
    expect(told[0]!.context).toMatchObject({ client: 'client', subject: 'alice' });
  });

  it('fails the calls that wait when it throws, and never the stored token', async () => {
    const { alice } = await bootExtended(server, [Watcher]);
    await connect(alice, server);
    problem = new Error('no');
    await failure(alice.refreshToken(), HandlerError);
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
    problem = undefined;
    await firstValueFrom(alice.get('/things'));
    expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
    expect((await alice.token())!.version).toBe(told.at(-1)!.token.version);
  });

  it('may call the API with the new token', async () => {
    @Injectable()
    class Caller {
      constructor(@OAuthClient('client') readonly client: OAuthSession) {}

      @OnTokenUpdated('client')
      async updated(_token: TokenSet, { subject }: TokenUpdatedContext): Promise<void> {
        await firstValueFrom(this.client.for(subject).get('/greeting'));
      }
    }
    const { alice } = await bootExtended(server, [Caller]);
    await connect(alice, server);
    await alice.refreshToken();
    expect(server.journal.apiCalls(200)).toHaveLength(2);
  });
});
