import {
  ConfigurationError,
  DiscoveryError,
  InsecureTransportError,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServerOptions } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { bootClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { call, calls, RenewalBench } from '../support/renewal-bench.js';

const DAY_SECONDS = 24 * 60 * 60;

/** A machine that knows no more than an issuer. */
async function discovering(
  server: FakeAuthorizationServerOptions = {},
  client: (bench: RenewalBench) => Partial<OAuthClientOptions> = () => ({}),
): Promise<{ bench: RenewalBench; session: OAuthSession }> {
  const bench = await RenewalBench.start(server);
  const session = await bootClient(
    {
      issuer: bench.server.issuer,
      clientId: 'client',
      clientSecret: 'secret',
      grant: 'client_credentials',
      baseURL: bench.server.apiUrl,
      allowInsecureHttp: true,
      ...client(bench),
    },
    { clock: bench.clock, store: bench.store },
  );
  return { bench, session };
}

function paths(bench: RenewalBench): string[] {
  return bench.server.journal.entries('discovery').map(({ path }) => path);
}

describe('discovery', () => {
  it('needs no network at boot, and reads the document at the first use, once', async () => {
    const { bench, session } = await discovering();
    expect(bench.server.journal.count()).toBe(0);
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    bench.expire();
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    expect(paths(bench)).toEqual(['/.well-known/openid-configuration']);
  });

  it('is not needed where the endpoint is configured', async () => {
    const { bench, session } = await discovering({}, ({ server }) => ({
      tokenEndpoint: server.tokenEndpoint,
    }));
    expect(await call(session)).toBe(200);
    expect(paths(bench)).toEqual([]);
  });

  it.each([404, 400, 403, 405])('looks at the place of RFC 8414 after a %d', async (status) => {
    const { bench, session } = await discovering({ issuerPath: '/tenant' });
    bench.server.next('discovery').respond(status);
    expect(await call(session)).toBe(200);
    expect(paths(bench)).toEqual([
      '/tenant/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/tenant',
    ]);
  });

  it('reads the document where it is said to be', async () => {
    const { bench, session } = await discovering({}, ({ server }) => ({
      metadataUrl: `${server.url}/.well-known/oauth-authorization-server`,
    }));
    expect(await call(session)).toBe(200);
    expect(paths(bench)).toEqual(['/.well-known/oauth-authorization-server']);
  });

  it('does not keep a failure', async () => {
    const { bench, session } = await discovering();
    bench.server.next('discovery').respond(500);
    expect((await failure(call(session), DiscoveryError)).status).toBe(500);
    expect(await call(session)).toBe(200);
  });

  it('reads the document again after a day', async () => {
    const { bench, session } = await discovering();
    await call(session);
    bench.clock.advance(DAY_SECONDS + 1);
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(paths(bench)).toHaveLength(2);
  });

  it('goes on with the old document while there is no new one, and asks now and then', async () => {
    const { bench, session } = await discovering({ accessTokenSeconds: 10 });
    await call(session);
    bench.clock.advance(DAY_SECONDS + 1);
    bench.server.always('discovery').respond(500);
    expect(await call(session)).toBe(200);
    bench.clock.advance(30);
    expect(await call(session)).toBe(200);
    expect(paths(bench)).toHaveLength(2);
    bench.clock.advance(31);
    expect(await call(session)).toBe(200);
    expect(paths(bench)).toHaveLength(3);
  });

  it.each([
    ['another issuer', { issuer: 'https://other.example' }, 'not of'],
    ['no issuer', { issuer: undefined }, 'names no issuer'],
    ['an issuer that is no URL', { issuer: 'me' }, 'names no issuer'],
  ])('refuses a document of %s', async (_what, metadata, words) => {
    const { bench, session } = await discovering({ metadata });
    const error = await failure(call(session), DiscoveryError);
    expect(error.message).toContain(words);
    expect(bench.tokenRequests).toBe(0);
  });

  it('refuses an http endpoint of an https document', async () => {
    const { cert, key } = selfSigned('authorization server');
    const server = { tls: { cert, key }, metadata: { token_endpoint: 'http://as.example/token' } };
    const { session } = await discovering(server, () => ({
      allowInsecureHttp: false,
      transport: { ca: cert },
    }));
    const error = await failure(call(session), InsecureTransportError);
    expect(error.message).toContain('http://as.example/token');
  });

  it.each([
    ['no token endpoint', { token_endpoint: undefined }, ConfigurationError],
    ['a token endpoint that is no URL', { token_endpoint: 'over there' }, DiscoveryError],
    [
      'a token endpoint that is no web address',
      { token_endpoint: 'ftp://x.example' },
      InsecureTransportError,
    ],
  ])('refuses a document with %s', async (_what, metadata, type) => {
    const { session } = await discovering({ metadata });
    await failure<Error>(call(session), type);
  });

  it.each([
    ['HTML', (body: string) => `<p>${body.length}`],
    ['a list', () => '[]'],
    ['nothing', () => ''],
  ])('refuses a document that is %s', async (_what, change) => {
    const { bench, session } = await discovering();
    bench.server
      .next('discovery')
      .transform((response) => ({ ...response, body: change(response.body) }));
    await failure(call(session), DiscoveryError);
    expect(await call(session)).toBe(200);
  });

  it('refuses an endpoint with a password, which would replace the credentials', async () => {
    const { bench, session } = await discovering();
    const endpoint = new URL(bench.server.tokenEndpoint);
    endpoint.username = 'other';
    endpoint.password = 'other-secret';
    bench.server.configure({ metadata: { token_endpoint: endpoint.href } });
    const error = await failure(session.accessToken(), DiscoveryError);
    expect(error.message).toContain('a user name or password');
    expect(error.message).not.toContain('other-secret');
    expect(bench.server.journal.count('token')).toBe(0);
  });

  it('follows no redirect', async () => {
    const { bench, session } = await discovering();
    bench.server.next('discovery').redirect(`${bench.server.url}/.well-known/elsewhere`);
    expect((await failure(call(session), DiscoveryError)).status).toBe(302);
    expect(paths(bench)).toHaveLength(1);
  });

  it('reads no more than a mebibyte, and waits no longer than its time', async () => {
    const { bench, session } = await discovering({}, () => ({ refresh: { timeoutMs: 150 } }));
    bench.server.next('discovery').oversized(5_000_000);
    await failure(call(session), DiscoveryError);
    const held = bench.server.next('discovery').hold();
    await failure(call(session), DiscoveryError);
    held.release();
    expect(await call(session)).toBe(200);
  });
});
