import { createServer } from 'node:net';
import { AuthorizationRequiredError, TokenEndpointError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { call, calls, expiredUser, recordEvents } from '../support/renewal-bench.js';

/** A port of this machine at which nobody listens. */
async function refusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a token request that was never sent', () => {
  it.each([
    ['a refused connection', async () => `http://127.0.0.1:${await refusedPort()}/token`],
    ['a host that does not exist', async () => 'http://nowhere.invalid/token'],
  ])('is tried again, after pauses that grow: %s', async (_what, address) => {
    const { session } = await expiredUser({}, { tokenEndpoint: await address() });
    const events = recordEvents(session);
    const error = await failure(call(session), TokenEndpointError);
    expect(error.status).toBeUndefined();
    expect(error.message).toContain('no connection');
    expect(events).toMatchObject([{ type: 'refresh_failed', attempts: 4, final: false }]);
    expect(events[0]?.durationMs).toBeGreaterThan(300);
    expect(await session.token()).toBeDefined();
  });
});

describe('a token request whose answer is lost', () => {
  it('is sent once more, at once, with the same refresh token', async () => {
    const { bench, session, refreshToken } = await expiredUser();
    bench.server.next('token').dropBefore();
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    const sent = bench.server.journal
      .requests('token')
      .map(({ form }) => form.get('refresh_token'));
    expect(sent).toEqual([refreshToken, refreshToken]);
  });

  it('is a lost rotation when the server refuses the same refresh token then', async () => {
    const { bench, session } = await expiredUser();
    const events = recordEvents(session);
    bench.server.next('token').dropAfter();
    const error = await failure(call(session), AuthorizationRequiredError);
    expect(error.reason).toBe('rotation_lost');
    expect(await session.token()).toBeUndefined();
    expect(events).toMatchObject([{ type: 'reauthorization_required', reason: 'rotation_lost' }]);
    expect(bench.tokenRequests).toBe(2);
  });

  it('does no harm where the server grants a grace period', async () => {
    const { bench, session } = await expiredUser({ rotationGraceSeconds: 30 });
    bench.server.next('token').dropAfter();
    expect(await call(session)).toBe(200);
    expect(bench.server.isLive((await session.token())!.refreshToken!)).toBe(true);
  });

  it('is a lost rotation also when the next call finds out', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').dropAfter();
    bench.server.next('token').respond(500);
    expect((await failure(call(session), TokenEndpointError)).status).toBe(500);
    const error = await failure(call(session), AuthorizationRequiredError);
    expect(error.reason).toBe('rotation_lost');
  });

  it('is a lost rotation also in the eyes of another process', async () => {
    const { bench, session } = await expiredUser();
    const elsewhere = await bench.user({}, { token: false });
    bench.server.next('token').dropAfter();
    bench.server.next('token').respond(500);
    await failure(call(session), TokenEndpointError);
    const error = await failure(call(elsewhere), AuthorizationRequiredError);
    expect(error.reason).toBe('rotation_lost');
  });

  it('fails with the status after two 500, keeps the token, and is tried again', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(500).times(2);
    const error = await failure(call(session), TokenEndpointError);
    expect(error.status).toBe(500);
    expect(bench.tokenRequests).toBe(2);
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(3);
  });

  it('ends when the server hangs', async () => {
    const { bench, session } = await expiredUser({}, { refresh: { timeoutMs: 150 } });
    const held = bench.server.always('token').hold();
    const error = await failure(call(session), TokenEndpointError);
    expect(error.message).toContain('no complete answer within 150 ms');
    expect(bench.tokenRequests).toBe(2);
    expect(await session.token()).toBeDefined();
    held.release();
  });

  it('ends when the server stops in the middle of its answer', async () => {
    const half = createServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token":');
    });
    await new Promise<void>((resolve) => half.listen(0, '127.0.0.1', resolve));
    const { port } = half.address() as { port: number };
    const tokenEndpoint = `http://127.0.0.1:${port}/token`;
    const { session } = await expiredUser({}, { tokenEndpoint, refresh: { timeoutMs: 150 } });
    const error = await failure(call(session), TokenEndpointError);
    expect(error.status).toBe(200);
    half.close();
  });
});

describe('a server that throttles', () => {
  it('is waited for within the patience of a renewal', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '1' });
    const startedAt = performance.now();
    expect(await calls(session, 10)).toEqual({ 200: 10 });
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(bench.tokenRequests).toBe(2);
  });

  it('is not waited for beyond it, and is left alone until it wants to be asked', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '120' });
    expect((await failure(call(session), TokenEndpointError)).retryAfter).toBe(120);
    const resting = await failure(call(session), TokenEndpointError);
    expect(resting.status).toBe(429);
    expect(resting.retryAfter).toBeLessThanOrEqual(120);
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(121);
    expect(await call(session)).toBe(200);
  });

  it('understands a date, and a 503 that says when', async () => {
    const { bench, session } = await expiredUser();
    const date = new Date(bench.clock.now() + 90_000).toUTCString();
    bench.server.next('token').respond(503, { 'Retry-After': date });
    const error = await failure(call(session), TokenEndpointError);
    expect(error.retryAfter).toBeGreaterThan(85);
    expect(error.retryAfter).toBeLessThanOrEqual(91);
    expect(bench.tokenRequests).toBe(1);
  });

  it('is not left alone for years because it says so', async () => {
    const { bench, session } = await expiredUser();
    bench.server.next('token').respond(429, { 'Retry-After': '999999999' });
    await failure(call(session), TokenEndpointError);
    bench.clock.advance(601);
    expect(await call(session)).toBe(200);
  });
});
