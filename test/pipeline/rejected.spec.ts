import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import axios, { type AxiosAdapter } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { call, calls, recordEvents, RenewalBench } from '../support/renewal-bench.js';

const INVALID = { 'WWW-Authenticate': 'Bearer realm="api", error="invalid_token"' };

describe('a token that the API rejects', () => {
  it('is renewed once, and the call is sent once more', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.revokeAccessTokens();
    const { status, data } = await firstValueFrom(
      session.post<{ body: unknown }>('/things', { size: 3 }),
    );
    expect(status).toBe(200);
    expect(data.body).toEqual({ size: 3 });
    expect(bench.server.journal.apiCalls().map((entry) => entry.status)).toEqual([401, 200]);
    expect(bench.tokenRequests).toBe(1);
  });

  it('is renewed once for 100 calls that hold it', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.revokeAccessTokens();
    expect(await calls(session, 100)).toEqual({ 200: 100 });
    expect(bench.tokenRequests).toBe(1);
  });

  it('is renewed once for 1,000 calls to an API that rejects everything', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.always('api').respond(401, INVALID);
    expect(await calls(session, 500)).toEqual({ 401: 500 });
    for (let round = 0; round < 5; round += 1) {
      expect(await calls(session, 100)).toEqual({ 401: 100 });
    }
    expect(bench.tokenRequests).toBe(1);
  });

  it('is renewed at most once by each of two processes', async () => {
    const bench = await RenewalBench.start();
    const one = await bench.user();
    const other = await bench.user({}, { token: false });
    bench.server.always('api').respond(401, INVALID);
    for (let round = 0; round < 5; round += 1) {
      expect(await call(one)).toBe(401);
      expect(await call(other)).toBe(401);
    }
    expect(bench.tokenRequests).toBeLessThanOrEqual(2);
  });

  it('is renewed again after the pause, with an event for each call until then', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh: { rejectedPauseSeconds: 30 } });
    const events = recordEvents(session);
    bench.server.always('api').respond(401, INVALID);
    await call(session);
    await call(session);
    expect(events.map(({ type }) => type)).toEqual(['refreshed', 'rejected']);
    bench.clock.advance(29);
    await call(session);
    expect(bench.tokenRequests).toBe(1);
    bench.clock.advance(2);
    await call(session);
    expect(bench.tokenRequests).toBe(2);
  });

  it('is renewed again at once when the application has set another one', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.always('api').respond(401, INVALID);
    await call(session);
    await session.setToken(bench.issue());
    await call(session);
    expect(bench.tokenRequests).toBe(2);
  });

  it('renews nothing when it is an older one than the present', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.revokeAccessTokens();
    const late = bench.server.next('api').holdAnswer();
    const slow = call(session);
    await late.arrived;
    expect(await call(session)).toBe(200);
    late.release();
    expect(await slow).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('renews nothing when it is an older one, also without a near cache', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { cache: false });
    bench.server.revokeAccessTokens();
    const late = bench.server.next('api').holdAnswer();
    const slow = call(session);
    await late.arrived;
    expect(await call(session)).toBe(200);
    late.release();
    expect(await slow).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('is replaced by one that somebody else has stored, without a token request', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { cache: { maxAgeSeconds: 1000 } });
    bench.server.revokeAccessTokens();
    const held = bench.server.next('api').holdAnswer();
    const answer = call(session);
    await held.arrived;
    const theirs = bench.issueSet();
    await bench.store.set({ client: 'client', subject: 'alice' }, theirs.toRecord());
    held.release();
    expect(await answer).toBe(200);
    expect(bench.tokenRequests).toBe(0);
  });

  it('leaves the 401 to the caller where there is no refresh token', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user({}, { token: { refreshToken: false } });
    bench.server.revokeAccessTokens();
    expect(await call(session)).toBe(401);
    expect(bench.server.journal.apiCalls()).toHaveLength(1);
    await expect(firstValueFrom(session.get('/things'))).rejects.toMatchObject({
      response: { status: 401 },
    });
  });

  it('is renewed for a machine as for a user', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.machine();
    await call(session);
    bench.server.revokeAccessTokens();
    expect(await calls(session, 20)).toEqual({ 200: 20 });
    expect(bench.tokenRequests).toBe(2);
  });
});

describe('a 401 for another reason', () => {
  it.each([
    ['Bearer error="insufficient_scope", scope="admin"'],
    ['Bearer error="invalid_request"'],
    ['Basic realm="api"'],
    ['Digest nonce="x", Basic realm="api"'],
    ['Negotiate'],
  ])('renews nothing: %s', async (challenge) => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.next('api').respond(401, { 'WWW-Authenticate': challenge });
    expect(await call(session)).toBe(401);
    expect(bench.tokenRequests).toBe(0);
    expect(bench.server.journal.apiCalls()).toHaveLength(1);
  });

  it.each([
    ['no challenge', undefined],
    ['a bare Bearer challenge', 'Bearer'],
    ['Bearer among others', 'Basic realm="api", Bearer realm="api", error="invalid_token"'],
    ['a challenge that is no challenge', '"""'],
  ])('is none with %s: the token is renewed', async (_what, challenge) => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    const script = bench.server.next('api');
    if (challenge === undefined) script.respond(401);
    else script.respond(401, { 'WWW-Authenticate': challenge });
    expect(await call(session)).toBe(200);
    expect(bench.tokenRequests).toBe(1);
  });

  it('is not a 403: that renews nothing', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.next('api').respond(403, INVALID);
    expect(await call(session)).toBe(403);
    expect(bench.tokenRequests).toBe(0);
  });
});

describe('a call that cannot be sent twice', () => {
  it('is not: a streamed body is spent', async () => {
    const bench = await RenewalBench.start();
    const session = await bench.user();
    bench.server.revokeAccessTokens();
    const { status } = await firstValueFrom(
      session.post('/things', Readable.from(['once']), { validateStatus: () => true }),
    );
    expect(status).toBe(401);
    expect(bench.server.journal.apiCalls()).toHaveLength(1);
    expect(bench.tokenRequests).toBe(1);
  });

  it('is, where only its answer is a stream: the first one is destroyed', async () => {
    const streams: Readable[] = [];
    const adapter: AxiosAdapter = async (config) => {
      const response = await axios.getAdapter('http')(config);
      streams.push(response.data as Readable);
      return response;
    };
    const bench = await RenewalBench.start();
    const session = await bench.user({ http: { adapter, responseType: 'stream' } });
    bench.server.revokeAccessTokens();
    const { data } = await firstValueFrom(
      session.get<Readable>('/things', { validateStatus: () => true }),
    );
    expect(JSON.parse(await text(data))).toMatchObject({ path: '/api/things' });
    expect(streams.map((stream) => stream === data)).toEqual([false, true]);
    expect(streams[0]?.destroyed).toBe(true);
    expect(bench.tokenRequests).toBe(1);
  });
});
