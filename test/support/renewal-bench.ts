import {
  MemoryTokenStore,
  TokenSet,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenEvent,
  type TokenResponse,
  type TokenStore,
} from 'nestjs-oauth-client';
import type {
  FakeAuthorizationServer,
  FakeAuthorizationServerOptions,
  FakeIssueOptions,
} from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';
import { bootClient, machineClient, startServer, userClient } from './application.js';
import { TestClock } from './test-clock.js';

/** What a test of renewals works with: a server and applications that live by one clock. */
export class RenewalBench {
  readonly store: TokenStore;

  private constructor(
    readonly server: FakeAuthorizationServer,
    readonly clock: TestClock,
    store: TokenStore | undefined,
  ) {
    this.store = store ?? new MemoryTokenStore();
  }

  /** Starts the server; it stops after the test. */
  static async start(
    options: FakeAuthorizationServerOptions = {},
    store?: TokenStore,
  ): Promise<RenewalBench> {
    const clock = new TestClock();
    const server = await startServer({
      accessTokenSeconds: 3600,
      ...options,
      now: () => clock.now() / 1000,
    });
    return new RenewalBench(server, clock, store);
  }

  /** The session of a user whose token is stored, in an application of its own. */
  async user(
    client: Partial<OAuthClientOptions> = {},
    options: Partial<OAuthClientModuleOptions> & { token?: FakeIssueOptions | false } = {},
  ): Promise<OAuthSession> {
    const { token, ...module } = options;
    const session = (await this.#boot(userClient(this.server, client), module)).for('alice');
    if (token !== false) await session.setToken(this.issue(token));
    return session;
  }

  /** The session of a client that acts for itself, in an application of its own. */
  async machine(
    client: Partial<OAuthClientOptions> = {},
    options: Partial<OAuthClientModuleOptions> = {},
  ): Promise<OAuthSession> {
    return this.#boot(machineClient(this.server, client), options);
  }

  /** Tokens of a grant of their own, as the server would answer them. */
  issue(options: FakeIssueOptions = {}): TokenResponse {
    return { ...this.server.issueTokens(options) };
  }

  /** The same as a token set, with what is to be different. */
  issueSet(changes: Partial<TokenResponse> = {}): TokenSet {
    return TokenSet.from({ ...this.issue(), ...changes }, { now: this.clock.now() / 1000 });
  }

  /** Lets the stored tokens expire. */
  expire(): void {
    this.clock.advance(3601);
  }

  /** How many token requests were made. */
  get tokenRequests(): number {
    return this.server.journal.tokenRequests().length;
  }

  #boot(
    client: OAuthClientOptions,
    options: Partial<OAuthClientModuleOptions>,
  ): Promise<OAuthSession> {
    const revocationEndpoint = this.server.revocationEndpoint;
    const { clock, store } = this;
    return bootClient({ revocationEndpoint, ...client }, { clock, store, ...options });
  }
}

/** One call to the API; resolves with its status, also where it is an error. */
export async function call(session: OAuthSession): Promise<number> {
  const { status } = await firstValueFrom(
    session.get('/things', { validateStatus: () => true, timeout: 0 }),
  );
  return status;
}

/** So many calls at once; how many of them came to each status. */
export async function calls(session: OAuthSession, count: number): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (const status of await Promise.all(Array.from({ length: count }, () => call(session)))) {
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}

/** What happens to a session's tokens from now on. */
export function recordEvents(session: OAuthSession): TokenEvent[] {
  const events: TokenEvent[] = [];
  const subscription = session.events$.subscribe((event) => events.push(event));
  onTestFinished(() => subscription.unsubscribe());
  return events;
}

/** Resolves with the next event of a type. */
export function nextEvent(session: OAuthSession, type: TokenEvent['type']): Promise<TokenEvent> {
  return new Promise((resolve) => {
    const subscription = session.events$.subscribe((event) => {
      if (event.type !== type) return;
      resolve(event);
      queueMicrotask(() => subscription.unsubscribe());
    });
  });
}

/** A bench whose user's token has expired. */
export async function expiredUser(
  server: Parameters<typeof RenewalBench.start>[0] = {},
  client: Parameters<RenewalBench['user']>[0] = {},
): Promise<{ bench: RenewalBench; session: OAuthSession; refreshToken: string }> {
  const bench = await RenewalBench.start(server);
  const session = await bench.user(client);
  const refreshToken = (await session.token())!.refreshToken!;
  bench.expire();
  return { bench, session, refreshToken };
}
