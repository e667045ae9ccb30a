import {
  MemoryTokenStore,
  TokenSet,
  type OAuthClientRegistry,
  type RenewalProgress,
  type TokenStore,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom, toArray } from 'rxjs';
import { bootClients, machineClient, startServer, userClient } from '../support/application.js';
import { TestClock } from '../support/test-clock.js';

export const DAY = 24 * 3600;

/** A server, a store and an application of two clients for users and one for itself. */
export class Night {
  private constructor(
    readonly server: FakeAuthorizationServer,
    readonly clock: TestClock,
    readonly store: TokenStore,
    readonly registry: OAuthClientRegistry,
  ) {}

  static async start(store: TokenStore = new MemoryTokenStore()): Promise<Night> {
    const clock = new TestClock();
    const now = () => clock.now() / 1000;
    const server = await startServer({ accessTokenSeconds: 3600, rotation: 'strict', now });
    return new Night(server, clock, store, await replica(server, clock, store));
  }

  async connect(client: string, ...subjects: string[]): Promise<void> {
    for (const subject of subjects) {
      await this.store.set({ client, subject }, this.record(subject));
    }
  }

  record(subject: string, changes: object = {}) {
    const response = { ...this.server.issueTokens({ subject }), ...changes };
    return TokenSet.from(response, { now: this.clock.now() / 1000 }).toRecord();
  }

  run(more: object = {}): Promise<RenewalProgress[]> {
    return firstValueFrom(this.registry.renewExpiring({ within: DAY, ...more }).pipe(toArray()));
  }

  get refreshes(): number {
    return this.server.journal.tokenRequests().length;
  }
}

/** Another application on the same server and store. */
export function replica(
  server: FakeAuthorizationServer,
  clock: TestClock,
  store: TokenStore,
): Promise<OAuthClientRegistry> {
  const clients = {
    github: userClient(server),
    gitlab: userClient(server),
    billing: machineClient(server),
  };
  return bootClients({ clients, store, clock });
}
