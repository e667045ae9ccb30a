import {
  AuthorizationResponseError,
  ConfigurationError,
  TokenEndpointError,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenSet,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { TestClock } from '../support/test-clock.js';

let server: FakeAuthorizationServer;
let clock: TestClock;

beforeEach(async () => {
  clock = new TestClock();
  server = await startServer({ now: () => clock.now() / 1000 });
});

async function boot(more: Partial<OAuthClientOptions> = {}): Promise<OAuthSession> {
  const { tokenEndpoint: _token, authorizationEndpoint: _authorize, ...rest } = userClient(server);
  const options = { ...rest, issuer: server.issuer, scope: ['openid'], ...more };
  return (await bootClient(options, { clock })).for('alice');
}

/** Lets the next ID token have other claims; those that are undefined it does not have. */
function claim(change: Record<string, unknown>): void {
  server.next('token').transformJson((json) => {
    const payload = Buffer.from(String(json['id_token']).split('.')[1]!, 'base64url').toString();
    const claims = { ...(JSON.parse(payload) as Record<string, unknown>), ...change };
    const defined = Object.entries(claims).filter(([, value]) => value !== undefined);
    return { ...json, id_token: server.signIdToken(Object.fromEntries(defined)) };
  });
}

describe('max_age', () => {
  const now = () => Math.floor(clock.now() / 1000);

  it.each<[string, () => unknown, boolean]>([
    ['now', () => now(), true],
    ['a minute ago', () => now() - 60, true],
    ['two minutes ago', () => now() - 120, false],
    ['at no time', () => undefined, false],
    ['at a time that is text', () => String(now()), false],
  ])('of a minute: a user who signed in %s', async (_what, at, isGood) => {
    for (const session of [
      await boot({ authorizationParams: { max_age: '60' } }),
      await boot({ authorizationParams: { max_age: '9999' } }),
    ]) {
      claim({ auth_time: at() });
      const flow = authorize(session, server, { params: { max_age: '60' } });
      const fault = await flow.then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(fault?.includes('signed in too long ago') ?? 'none').toBe(isGood ? 'none' : true);
    }
  });

  it('gives the user time to agree: it is judged by when the flow was begun', async () => {
    const session = await boot({ authorizationParams: { max_age: '0' } });
    const { url } = await session.authorizationUrl();
    const authorizationResponse = await server.authorize(url);
    const signedIn = now();
    clock.advance(40);
    claim({ auth_time: signedIn });
    await session.completeAuthorization({ authorizationResponse });
  });

  it.each(['soon', '-1', '1.5', ''])('of %j is no number of seconds', async (max_age) => {
    const call = (await boot()).authorizationUrl({ params: { max_age } });
    expect((await failure(call, ConfigurationError)).message).toContain('max_age');
  });
});

describe('an issuer for many tenants', () => {
  const tenant = (name: string) => `${server.issuer}/${name}/v2.0`;

  /** Connects at a server whose metadata stand for every tenant. */
  async function connect(
    issuer: string,
    claims: Record<string, unknown>,
    iss?: string,
  ): Promise<TokenSet> {
    server.configure({
      metadata: {
        issuer: tenant('{tenantid}'),
        authorization_response_iss_parameter_supported: undefined,
      },
    });
    const metadataUrl = `${server.issuer}/.well-known/openid-configuration`;
    const session = await boot({ issuer, metadataUrl });
    claim(claims);
    return authorize(session, server, {
      change: ({ searchParams }) =>
        iss === undefined ? searchParams.delete('iss') : searchParams.set('iss', iss),
    });
  }

  it.each(['common', 'organizations', 'consumers'])(
    'is one of its tenants, where %s was configured',
    async (name) => {
      const token = await connect(tenant(name), { iss: tenant('t1'), tid: 't1' }, tenant('t1'));
      expect(token.claims?.iss).toBe(tenant('t1'));
      for (const claims of [
        { iss: tenant('t1'), tid: 't2' },
        { iss: tenant('t1'), tid: undefined },
        { iss: 'https://evil.example/t1/v2.0', tid: 't1' },
      ]) {
        await failure(connect(tenant(name), claims), TokenEndpointError);
      }
    },
  );

  it('is the tenant that was configured, and no other', async () => {
    const token = await connect(tenant('t1'), { iss: tenant('t1') }, tenant('t1'));
    expect(token.claims?.iss).toBe(tenant('t1'));
    const other = { iss: tenant('t2'), tid: 't2' };
    await failure(connect(tenant('t1'), other), TokenEndpointError);
    await failure(connect(tenant('t1'), other, tenant('t2')), AuthorizationResponseError);
  });

  it('demands the tenant of a signed answer about the user, too', async () => {
    server.configure({ metadata: { issuer: tenant('{tenantid}') } });
    const metadataUrl = `${server.issuer}/.well-known/openid-configuration`;
    const session = await boot({ issuer: tenant('common'), metadataUrl });
    await session.setToken({ ...server.issueTokens({ scope: ['openid'], subject: 'alice' }) });
    const answer = (claims: Record<string, unknown>) =>
      server
        .next('userinfo')
        .respond(200, { 'Content-Type': 'application/jwt' }, server.signIdToken(claims));
    answer({ sub: 'alice', iss: tenant('t1'), tid: 't1' });
    expect((await session.userInfo()).sub).toBe('alice');
    answer({ sub: 'alice', iss: tenant('t1') });
    await failure(session.userInfo(), TokenEndpointError);
  });
});
