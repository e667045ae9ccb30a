import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AxiosError, CanceledError } from 'axios';
import type { OAuthSession } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startPlainApi } from '../support/plain-api.js';

/** A client whose API answers when the test says so. */
async function bootWithSilentApi() {
  const calls: ServerResponse[] = [];
  let arrive: () => void;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const baseURL = await startPlainApi((_request, response) => {
    calls.push(response);
    arrive();
  });
  const server = await startServer();
  const billing = await bootClient(machineClient(server, { baseURL }));
  const call = async () => {
    await arrived;
    return calls[0]!;
  };
  return { server, billing, call, calls };
}

/** A client whose token endpoint hangs until the test lets it go. */
async function bootWithHeldToken() {
  const server = await startServer();
  const billing = await bootClient(machineClient(server));
  const held = server.next('token').hold();
  /** The renewal went on without whoever began it: its token is there, and was asked for once. */
  const expectRenewed = async (apiCalls: number) => {
    held.release();
    await billing.accessToken();
    await server.idle();
    expect(await billing.token()).toBeDefined();
    expect(server.journal.tokenRequests()).toHaveLength(1);
    expect(server.journal.apiCalls()).toHaveLength(apiCalls);
  };
  return { server, billing, held, expectRenewed };
}

const ignored = { error: () => undefined };

describe('a caller that leaves during the API call', () => {
  it('by unsubscribing ends the call: the server sees the connection close', async () => {
    const { billing, call } = await bootWithSilentApi();
    const subscription = billing.get('/things').subscribe(ignored);
    const response = await call();
    const closed = once(response, 'close');
    subscription.unsubscribe();
    await closed;
    expect(response.writableFinished).toBe(false);
  });

  it('by its own AbortSignal ends the call, with axios’ error', async () => {
    const { billing, call } = await bootWithSilentApi();
    const controller = new AbortController();
    const { signal } = controller;
    const error = failure(firstValueFrom(billing.get('/things', { signal })), CanceledError);
    const closed = once(await call(), 'close');
    controller.abort();
    expect(await error).toMatchObject({ code: 'ERR_CANCELED' });
    await closed;
  });

  it('may give a signal and unsubscribe all the same', async () => {
    const { billing, call } = await bootWithSilentApi();
    const { signal } = new AbortController();
    const subscription = billing.get('/things', { signal }).subscribe(ignored);
    const closed = once(await call(), 'close');
    subscription.unsubscribe();
    await closed;
  });

  it('by its timeout ends the call', async () => {
    const { billing, call } = await bootWithSilentApi();
    await billing.accessToken();
    const config = { timeout: 50 };
    const error = failure(firstValueFrom(billing.get('/things', config)), AxiosError);
    const closed = once(await call(), 'close');
    expect(await error).toMatchObject({ code: 'ECONNABORTED' });
    await closed;
  });

  it('is not cut off from a streamed answer when the Observable completes', async () => {
    const { billing, call } = await bootWithSilentApi();
    const stream = firstValueFrom(billing.get<Readable>('/things', { responseType: 'stream' }));
    const response = await call();
    response.write('first, ');
    const { data } = await stream;
    response.end('second');
    expect(await text(data)).toBe('first, second');
  });

  it('sends nothing at all when it has left before', async () => {
    const { server, billing, calls } = await bootWithSilentApi();
    const signal = AbortSignal.abort();
    await billing.accessToken();
    await failure(firstValueFrom(billing.get('/things', { signal })), CanceledError);
    await failure(billing.axiosRef.get('/things', { signal }), CanceledError);
    expect(calls).toHaveLength(0);
    expect(server.journal.tokenRequests()).toHaveLength(1);
  });
});

describe('a caller that leaves while a token is awaited', () => {
  it('by unsubscribing sends nothing, and the renewal goes on', async () => {
    const { billing, held, expectRenewed } = await bootWithHeldToken();
    const subscription = billing.get('/things').subscribe(ignored);
    await held.arrived;
    subscription.unsubscribe();
    await expectRenewed(0);
  });

  it.each<[string, (billing: OAuthSession, signal: AbortSignal) => Promise<unknown>]>([
    ['a verb', (billing, signal) => firstValueFrom(billing.get('/things', { signal }))],
    ['axiosRef', (billing, signal) => billing.axiosRef.get('/things', { signal })],
  ])('by a signal given to %s is let go at once', async (_how, get) => {
    const { billing, held, expectRenewed } = await bootWithHeldToken();
    const controller = new AbortController();
    const error = failure(get(billing, controller.signal), CanceledError);
    await held.arrived;
    controller.abort();
    await error;
    await expectRenewed(0);
  });

  it('by its timeout is let go in time, with an error that says what it waited for', async () => {
    const { billing, held, expectRenewed } = await bootWithHeldToken();
    const call = firstValueFrom(billing.get('/things', { timeout: 50 }));
    const error = await failure(call, AxiosError);
    expect(error.code).toBe('ECONNABORTED');
    expect(error.message).toMatch(/50 ms .*waiting for a token/);
    await held.arrived;
    await expectRenewed(0);
  });

  it('leaves those who stay with their answer', async () => {
    const { billing, held, expectRenewed } = await bootWithHeldToken();
    const leaving = billing.get('/leaving').subscribe(ignored);
    const staying = firstValueFrom(billing.get('/staying'));
    await held.arrived;
    leaving.unsubscribe();
    held.release();
    expect((await staying).status).toBe(200);
    await expectRenewed(1);
  });
});
