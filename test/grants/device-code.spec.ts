import {
  AuthorizationResponseError,
  ConfigurationError,
  TokenEndpointError,
  type DeviceAuthorization,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bootClient, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { RenewalBench } from '../support/renewal-bench.js';

type Pending = DeviceAuthorization & { status: 'pending' };

let bench: RenewalBench;
let alice: OAuthSession;
beforeEach(async () => {
  bench = await RenewalBench.start({ deviceIntervalSeconds: 5 });
  const { deviceAuthorizationEndpoint } = bench.server;
  const client = { grant: 'device_code', deviceAuthorizationEndpoint, scope: ['read'] } as const;
  alice = await bench.user(client, { token: false });
  // The pauses between two questions alone: everything else keeps to real time.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets so many seconds pass, here and at the server, and waits for what is asked then. */
async function pass(seconds: number): Promise<void> {
  bench.clock.advance(seconds);
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

/** As {@link pass}; resolves when the question that is due then was answered. */
async function passAndAsk(seconds: number): Promise<void> {
  const { server } = bench;
  const before = server.journal.count('token');
  await pass(seconds);
  await vi.waitFor(() => expect(server.journal.count('token')).toBe(before + 1));
  await server.idle();
  // The answer is on its way still: give it the turns it needs to be heard.
  await new Promise((resolve) => setTimeout(resolve, 30));
}

/** Begins, and returns what the user is shown together with what comes of it. */
async function begin(session = alice) {
  const steps = session.authorizeDevice$();
  const heard: DeviceAuthorization[] = [];
  let shown: (pending: Pending) => void;
  const pending = new Promise<Pending>((resolve) => (shown = resolve));
  const end = new Promise<DeviceAuthorization>((resolve, reject) => {
    const subscription = steps.subscribe({
      next: (step) => {
        heard.push(step);
        if (step.status === 'pending') shown(step);
      },
      complete: () => resolve(heard.at(-1)!),
      error: reject,
    });
    stop = () => subscription.unsubscribe();
  });
  end.catch(() => undefined);
  return { pending: await pending, end, heard };
}
let stop: () => void;

describe('the device authorization grant', () => {
  it('shows code and address at once, and brings the token when the user has agreed', async () => {
    const { pending, end, heard } = await begin();
    expect(pending.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(pending.verificationUri).toBe(`${bench.server.url}/device`);
    expect(pending.verificationUriComplete).toContain(pending.userCode);
    expect(pending.expiresAt - bench.clock.now() / 1000).toBeCloseTo(600, -1);
    const { form } = bench.server.journal.requests('device_authorization')[0]!;
    expect(form.get('scope')).toBe('read');
    await passAndAsk(5);
    bench.server.approveDevice(pending.userCode, 'alice');
    await passAndAsk(5);
    expect(await end).toMatchObject({ status: 'authorized' });
    expect(heard).toHaveLength(2);
    const { data } = await firstValueFrom(alice.get('/things'));
    expect(data).toMatchObject({ subject: 'alice', scope: ['read'] });
  });

  it('asks no sooner than the server wants, and later after slow_down', async () => {
    const { pending, end } = await begin();
    const { server } = bench;
    await pass(4);
    expect(server.journal.count('token')).toBe(0);
    server.next('token').respondJson(400, { error: 'slow_down' });
    await passAndAsk(1);
    server.approveDevice(pending.userCode, 'alice');
    await pass(9);
    expect(server.journal.count('token')).toBe(1);
    await passAndAsk(1);
    expect(await end).toMatchObject({ status: 'authorized' });
  });

  it('goes on after an answer that was lost', async () => {
    const { pending, end } = await begin();
    bench.server.next('token').respond(503);
    await passAndAsk(5);
    bench.server.approveDevice(pending.userCode, 'alice');
    await passAndAsk(10);
    expect(await end).toMatchObject({ status: 'authorized' });
  });

  it('ends when the user says no', async () => {
    const { pending, end } = await begin();
    bench.server.denyDevice(pending.userCode);
    await passAndAsk(5);
    expect((await failure(end, AuthorizationResponseError)).error).toBe('access_denied');
  });

  it('ends with the code, without a question in vain', async () => {
    bench.server.configure({ deviceCodeSeconds: 7 });
    const { end } = await begin();
    await passAndAsk(5);
    await pass(5);
    expect((await failure(end, AuthorizationResponseError)).error).toBe('expired_token');
    expect(bench.server.journal.count('token')).toBe(1);
  });

  it('asks no more once nobody listens', async () => {
    await begin();
    await passAndAsk(5);
    stop();
    await pass(60);
    expect(bench.server.journal.count('token')).toBe(1);
  });

  it('is a typed error where the server answers something else', async () => {
    bench.server.next('device_authorization').respondJson(200, { hello: 'world' });
    const error = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(error.endpoint).toBe('device_authorization');
    bench.server.next('device_authorization').respondJson(400, { error: 'invalid_scope' });
    const refused = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(refused.error).toBe('invalid_scope');
  });

  it('needs a client of this grant', async () => {
    const other = (await bootClient(userClient(bench.server))).for('alice');
    const steps = other.authorizeDevice$().pipe(toArray());
    await failure(lastValueFrom(steps), ConfigurationError);
  });
});
