import {
  AuthorizationRequiredError,
  type OAuthClientOptions,
  type OAuthSession,
  type RevokeTokenOptions,
} from 'nestjs-oauth-client';
import type {
  Provider,
  ProviderClientOptions,
  ProviderHabits,
} from 'nestjs-oauth-client/providers';
import type { FakeAuthorizationServer, FakeProviderName } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient, startServer } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

/** What a journey through a provider is told beside its preset. */
export interface JourneyOptions<P extends object> {
  /** How the fake server acts. */
  readonly act: FakeProviderName;
  /** What the preset needs to know, and what a test changes of it. */
  readonly parameters?: P & Partial<OAuthClientOptions>;
  /** What the preset's addresses become on the fake server, beside the endpoints and `baseURL`. */
  readonly local?: (server: FakeAuthorizationServer) => Partial<OAuthClientOptions>;
  /** Seconds after which an access token has ended, where the provider does not say. */
  readonly lifetimeSeconds?: number;
  /** How a user is connected, where it is not by an authorization code. */
  readonly connect?: (session: OAuthSession, server: FakeAuthorizationServer) => Promise<unknown>;
  /** How a token is revoked, where the preset names no endpoint or the provider has its limits. */
  readonly revoke?: RevokeTokenOptions | false;
}

/** A client of a preset at a fake server that acts like the provider. */
export interface Stage {
  readonly server: FakeAuthorizationServer;
  readonly clock: TestClock;
  readonly session: OAuthSession;
}

/** Starts both: the preset as it is, but for where its endpoints are. */
export async function startStage<P extends object>(
  preset: Provider<P>,
  { act, parameters, local }: JourneyOptions<P>,
): Promise<Stage> {
  const clock = new TestClock();
  const server = await startServer({ now: () => clock.now() / 1000 });
  server.actLike(act);
  const given = {
    clientId: 'client',
    clientSecret: 'secret',
    redirectUri: 'https://app.example/callback',
    ...parameters,
  } as ProviderClientOptions & P;
  const options = preset(given);
  const session = await bootClient(
    {
      ...options,
      ...endpointsOf(options, server),
      ...(typeof options.baseURL === 'string' && { baseURL: server.apiUrl }),
      allowedOrigins: [new URL(server.apiUrl).origin],
      allowInsecureHttp: true,
      ...local?.(server),
    },
    { clock },
  );
  return { server, clock, session };
}

/** Connect, call, renew, lose the grant, connect again: the life of a connection at a provider. */
export function describeProvider<P extends object>(
  preset: Provider<P>,
  options: JourneyOptions<P>,
): void {
  describe(`the preset for ${preset.title}`, () => {
    it.each(stepsOf(preset, options))('%s', async (_what, step) => {
      const stage = await startStage(preset, options);
      const alice = stage.session.for('alice');
      const connect = async () => void (await (options.connect ?? authorize)(alice, stage.server));
      await connect();
      const lifetime = (await alice.token())!.expiresIn() ?? options.lifetimeSeconds ?? 0;
      const expire = () => stage.clock.advance(lifetime + 1);
      await step({ ...stage, alice, connect, expire, revoke: options.revoke || {} }, preset);
    });

    it('names the pages that it was made from', () => {
      expect(preset.documentation.length).toBeGreaterThan(0);
      for (const page of preset.documentation) expect(page).toMatch(/^https:\/\//);
    });
  });
}

/** A stage whose user alice is connected, and the end of her access token. */
type Scene = Stage & {
  readonly alice: OAuthSession;
  readonly connect: () => Promise<void>;
  readonly expire: () => void;
  readonly revoke: RevokeTokenOptions;
};
type Step = (scene: Scene, preset: { readonly habits: ProviderHabits }) => Promise<void>;

function stepsOf<P extends object>(
  preset: Provider<P>,
  { parameters, revoke }: JourneyOptions<P>,
): [string, Step][] {
  const given = { clientId: 'client', ...parameters } as ProviderClientOptions & P;
  const revokes = revoke !== false && (revoke ?? preset(given).revocationEndpoint) !== undefined;
  return [
    ['connects a user, and calls carry the token', carriesToken],
    ...(preset.habits.refreshToken === 'none'
      ? ([['stores no refresh token', storesNoRefreshToken]] as [string, Step][])
      : ([
          ['renews a token that has ended', renews],
          ['renews a token that the API refuses by a 401, and at no other refusal', renewsRefused],
          ['knows a dead grant, and connects again', connectsAgain],
        ] as [string, Step][])),
    ...(revokes ? ([['revokes a token', revokesToken]] as [string, Step][]) : []),
  ];
}

const carriesToken: Step = async ({ server, alice }) => {
  await call(alice);
  expect(carried(server)).toBe((await alice.token())?.accessToken);
};

const storesNoRefreshToken: Step = async ({ alice }) => {
  expect((await alice.token())?.refreshToken).toBeUndefined();
};

const renews: Step = async ({ server, alice, expire }, { habits }) => {
  const before = (await alice.token())!;
  expire();
  await call(alice);
  const after = (await alice.token())!;
  expect(after.accessToken).not.toBe(before.accessToken);
  expect(carried(server)).toBe(after.accessToken);
  expect(server.journal.tokenRequests('refresh_token')).toHaveLength(1);
  expect(after.refreshToken === before.refreshToken).toBe(habits.refreshToken === 'stays');
};

const renewsRefused: Step = async ({ server, alice }) => {
  server.revokeAccessTokens();
  const call = alice.get<unknown>('/things', { validateStatus: null });
  const { status } = await firstValueFrom(call);
  const [refusal] = server.journal.apiCalls();
  const renewals = server.journal.tokenRequests('refresh_token');
  expect([status, renewals.length]).toEqual(
    refusal?.status === 401 ? [200, 1] : [refusal?.status, 0],
  );
};

const connectsAgain: Step = async ({ server, alice, connect, expire }) => {
  server.revokeFamily('alice');
  expire();
  const error = await failure(call(alice), AuthorizationRequiredError);
  expect(error.reason).toBe('grant_revoked');
  expect(await alice.token()).toBeUndefined();
  await connect();
  await call(alice);
};

const revokesToken: Step = async ({ server, alice, revoke }) => {
  const { accessToken } = (await alice.token())!;
  await alice.revokeToken(revoke);
  expect(server.isLive(accessToken)).toBe(false);
};

/** One call to the API. */
export async function call(session: OAuthSession): Promise<unknown> {
  return (await firstValueFrom(session.get<unknown>('/things'))).data;
}

/** The token that the last call to the API carried. */
export function carried(server: FakeAuthorizationServer): string | undefined {
  const { headers, query, form } = server.journal.requests('api').at(-1)!;
  const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
  return bearer ?? query.get('access_token') ?? form.get('access_token') ?? undefined;
}

function endpointsOf(
  options: OAuthClientOptions,
  server: FakeAuthorizationServer,
): Partial<OAuthClientOptions> {
  const revocation = options.revocationEndpoint && {
    revocationEndpoint: server.revocationEndpoint,
  };
  if (options.issuer !== undefined) return { issuer: server.issuer, ...revocation };
  return {
    authorizationEndpoint: server.authorizationEndpoint,
    tokenEndpoint: server.tokenEndpoint,
    ...revocation,
  };
}
