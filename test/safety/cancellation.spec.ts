import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import type { OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';

let server: FakeAuthorizationServer;
let session: OAuthSession;

beforeEach(async () => {
  server = await startServer();
  session = await bootClient(machineClient(server));
});

/** Begins a call, lets it go once its token request hangs, and returns what becomes of it. */
async function abandoned(begin: () => Promise<unknown>, leave: () => void): Promise<unknown> {
  const held = server.next('token').hold();
  const outcome = begin().then(
    () => 'answered',
    (error: unknown) => error,
  );
  await held.arrived;
  leave();
  const error = await outcome;
  held.release();
  await server.idle();
  await session.accessToken();
  return error;
}

describe('a call that is given up while it waits for a token', () => {
  it('ends at once and is never sent, by its signal', async () => {
    const canceled = new AbortController();
    const { signal } = canceled;
    const error = await abandoned(
      () => session.axiosRef.get('/things', { signal }),
      () => canceled.abort(),
    );
    expect(axios.isCancel(error)).toBe(true);
    expect(server.journal.count('api')).toBe(0);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('ends at once and is never sent, by its cancel token', async () => {
    const canceled = axios.CancelToken.source();
    const error = await abandoned(
      () => session.axiosRef.get('/things', { cancelToken: canceled.token }),
      () => canceled.cancel('enough'),
    );
    expect(error).toMatchObject({ message: 'enough', code: 'ERR_CANCELED' });
    expect(server.journal.count('api')).toBe(0);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('ends at once and is never sent, by the signal beside a cancel token', async () => {
    const canceled = new AbortController();
    const { signal } = canceled;
    const cancelToken = axios.CancelToken.source().token;
    const error = await abandoned(
      () => session.axiosRef.get('/things', { cancelToken, signal }),
      () => canceled.abort(),
    );
    expect(axios.isCancel(error)).toBe(true);
    expect(server.journal.count('api')).toBe(0);
  });

  it('is never sent when its subscriber leaves', async () => {
    const held = server.next('token').hold();
    const subscription = session.get('/things').subscribe();
    await held.arrived;
    subscription.unsubscribe();
    held.release();
    await session.accessToken();
    await server.idle();
    expect(server.journal.count('api')).toBe(0);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });

  it('is never sent when a hook of it took that long', async () => {
    const canceled = new AbortController();
    session.registerComplianceHook('protected_request', (request) => {
      canceled.abort();
      return request;
    });
    const { signal } = canceled;
    const error = await session.axiosRef
      .get('/things', { signal })
      .catch((cause: unknown) => cause);
    expect(axios.isCancel(error)).toBe(true);
    expect(server.journal.count('api')).toBe(0);
  });

  it('leaves the renewal to others, and its failure breaks nothing', async () => {
    await session.accessToken();
    const canceled = new AbortController();
    server.next('api').transform((response) => {
      canceled.abort();
      return { ...response, status: 401 };
    });
    server.next('token').respond(500).times(4);
    const { signal } = canceled;
    const call = firstValueFrom(session.get('/things', { signal }));
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  });
});
