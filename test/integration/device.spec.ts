import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  TokenEndpointError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { AdapterFactory, ClientMetadata, Configuration } from 'oidc-provider';
import { filter, firstValueFrom, lastValueFrom, shareReplay, tap } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryAdapter } from '../../sample/acme/memory.adapter.js';
import { bootClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { Browser } from '../support/oidc-browser.js';
import { authenticationWays, keyWay, type AuthenticationWay } from '../support/oidc-clients.js';
import { startOidcServer } from '../support/oidc-server.js';
import { TestClock } from '../support/test-clock.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const CODE_SECONDS = 600;

const publicClient: AuthenticationWay = {
  metadata: { client_id: 'tv', token_endpoint_auth_method: 'none' },
  options: { clientId: 'tv' },
};

/** Pages with the server's forms and nothing around them. */
const deviceFlow = {
  enabled: true,
  userCodeInputSource: (context, form) => void (context.body = form),
  userCodeConfirmSource: (context, form) => void (context.body = form),
  successSource: (context) => void (context.body = 'connected'),
} satisfies NonNullable<Configuration['features']>['deviceFlow'];

beforeEach(() => {
  // The pauses between two questions alone: everything else keeps to real time.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server and a device there. */
async function start(
  { metadata, options }: AuthenticationWay = publicClient,
  { codeSeconds = CODE_SECONDS, ...more }: Partial<Configuration> & { codeSeconds?: number } = {},
  client: Partial<OAuthClientOptions> = {},
) {
  const registered: ClientMetadata = {
    grant_types: [GRANT_TYPE, 'refresh_token'],
    redirect_uris: [],
    response_types: [],
    ...metadata,
  };
  const ttl = { DeviceCode: codeSeconds, AccessToken: 3600, RefreshToken: 3600, Grant: 3600 };
  const server = await startOidcServer([registered], {
    ttl: { ...ttl, Session: 3600, Interaction: 3600, IdToken: 3600 },
    ...more,
    features: { deviceFlow, ...more.features },
  });
  const clock = new TestClock();
  const session = await bootClient(
    {
      issuer: server.issuer,
      ...options,
      grant: 'device_code',
      scope: ['openid', 'read'],
      baseURL: server.issuer,
      allowInsecureHttp: true,
      ...client,
    },
    { clock },
  );
  return { server, clock, alice: session.for('alice') };
}

/** A device that has begun: what it shows, and what will come of it. */
async function begun(...given: Parameters<typeof start>) {
  const started = await start(...given);
  const steps = started.alice.authorizeDevice$().pipe(shareReplay());
  const end = lastValueFrom(steps);
  end.catch(() => undefined);
  const shown = await firstValueFrom(steps.pipe(filter(({ status }) => status === 'pending')));
  if (shown.status !== 'pending') throw new Error('Nothing to show');
  return { ...started, shown, end };
}

/** Lets the device ask, until something is so. */
const asking = (so: () => void) =>
  vi.waitFor(
    async () => {
      await vi.advanceTimersByTimeAsync(5000);
      so();
    },
    { interval: 50, timeout: 10_000 },
  );

/** Lets the device ask until it has its answer. */
async function outcome<T>(end: Promise<T>): Promise<T> {
  const ended = vi.fn<() => void>();
  end.then(ended, ended);
  await asking(() => expect(ended).toHaveBeenCalled());
  return end;
}

describe('a device at oidc-provider', () => {
  it.each([
    ['a public one', publicClient],
    ['one with a secret', authenticationWays[0]![1]],
    ['one with a key', keyWay],
  ])('is connected by a user code that is typed in: %s', async (_what, way) => {
    const { server, shown, end } = await begun(way);
    expect(shown.verificationUri).toBe(`${server.issuer}/device`);
    await asking(() => expect(server.refusals).toContain('authorization_pending'));
    const browser = new Browser('alice@server');
    const page = await browser.open(shown.verificationUri);
    const confirmation = await browser.submit(page, { user_code: shown.userCode });
    expect((await browser.submit(confirmation)).html).toBe('connected');
    expect(await outcome(end)).toMatchObject({
      status: 'authorized',
      token: { claims: { sub: 'alice@server', iss: server.issuer } },
    });
    expect(new Set(server.refusals)).toEqual(new Set(['authorization_pending']));
    expect(server.grants).toEqual([GRANT_TYPE]);
  });

  it('calls with its token, and renews it without the user', async () => {
    const { server, alice, shown, end } = await begun();
    const browser = new Browser('alice@server');
    await browser.submit(await browser.submit(await browser.open(shown.verificationUriComplete!)));
    await outcome(end);
    expect((await firstValueFrom(alice.get('/me'))).data).toEqual({ sub: 'alice@server' });
    const before = (await alice.token())!;
    const after = await alice.refreshToken();
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect((await firstValueFrom(alice.get('/me'))).data).toEqual({ sub: 'alice@server' });
    expect(server.grants).toEqual([GRANT_TYPE, 'refresh_token']);
  });

  it.each<[string, Browser, Record<string, string>]>([
    ['leaves the page of the code', new Browser('alice@server'), { abort: 'yes' }],
    ['says no to what is asked for', new Browser('alice@server', false), {}],
  ])('is told when the user %s', async (_what, browser, answer) => {
    const { alice, shown, end } = await begun();
    const page = await browser.open(shown.verificationUriComplete!);
    await browser.submit(await browser.submit(page), answer);
    const error = await failure(outcome(end), AuthorizationResponseError);
    expect(error).toMatchObject({ error: 'access_denied', subject: 'alice' });
    await failure(alice.accessToken(), AuthorizationRequiredError);
  });

  it('is told when the code has ended, and asks no more', async () => {
    const { server, clock, end } = await begun();
    clock.advance(CODE_SECONDS);
    const error = await failure(outcome(end), AuthorizationResponseError);
    expect(error.error).toBe('expired_token');
    expect(server.refusals).toEqual([]);
  });

  it('believes the server that the code has ended, by whatever clock it is', async () => {
    const policy = { codeSeconds: 1, adapter: keepingExpired() };
    const { server, clock, alice } = await start(publicClient, policy);
    const steps = alice.authorizeDevice$().pipe(tap(() => clock.advance(-60)));
    const end = lastValueFrom(steps);
    const error = await failure(outcome(end), AuthorizationResponseError);
    expect(error.error).toBe('expired_token');
    expect(server.refusals.at(-1)).toBe('expired_token');
  });

  it('asks for the resource of its session', async () => {
    const asked: string[] = [];
    const resourceIndicators = {
      enabled: true,
      getResourceServerInfo: (_context: unknown, resource: string) => {
        asked.push(resource);
        return { scope: 'read', audience: resource };
      },
    };
    const { alice } = await start(publicClient, { features: { resourceIndicators } });
    const mail = alice.with({ resource: ['https://mail.example/'] });
    await firstValueFrom(mail.authorizeDevice$());
    expect(asked).toEqual(['https://mail.example/']);
  });

  it('is refused where the server does not let it use this grant', async () => {
    const { alice } = await start({
      metadata: { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['implicit'] },
      options: { clientId: 'tv' },
    });
    const error = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(error).toMatchObject({ endpoint: 'device_authorization', status: 400 });
    expect(error.errorDescription).toContain('not allowed for this client');
  });
});

/** A memory that leaves it to the server to judge what has ended. */
function keepingExpired(): AdapterFactory {
  const memory = memoryAdapter();
  return (model) => {
    const adapter = memory(model);
    return { ...adapter, upsert: (id, payload) => adapter.upsert(id, payload, 3600) };
  };
}
