import { LeaseTimeoutError } from 'nestjs-oauth-client';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/failure.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';
import { call, RenewalBench } from '../support/renewal-bench.js';

describe('two applications on one store', () => {
  it('tell that one waited for the other, and took over its token', async () => {
    const observed = startOpenTelemetry();
    const bench = await RenewalBench.start();
    const one = await bench.user();
    const other = await bench.user({}, { token: false });
    bench.expire();
    const held = bench.server.next('token').hold();
    const calls = [call(one)];
    await held.arrived;
    const asked = vi.spyOn(bench.store, 'acquireLease');
    calls.push(call(other));
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
    held.release();
    await Promise.all(calls);

    const outcomes = (name: string) =>
      observed.spans(name).map(({ attributes }) => String(attributes['oauth.outcome']));
    expect(outcomes('acquire_token client').sort()).toEqual(['adopted', 'refreshed']);
    expect(outcomes('lease').sort()).toEqual(['held', 'needless']);
    expect(observed.spans('token_request')).toHaveLength(1);
    const measured = await observed.measurements('oauth.client.lease.duration');
    expect(measured.map(({ attributes }) => String(attributes['oauth.outcome'])).sort()).toEqual([
      'held',
      'needless',
    ]);
  });

  it('tell that patience ended', async () => {
    const observed = startOpenTelemetry();
    const bench = await RenewalBench.start();
    const session = await bench.user({ refresh: { timeoutMs: 150 } });
    bench.expire();
    await bench.store.acquireLease!({ client: 'client', subject: 'alice' }, 60_000);
    await failure(call(session), LeaseTimeoutError);

    expect(observed.spans('lease')[0]!.attributes).toMatchObject({
      'oauth.outcome': 'timeout',
      'error.type': 'lease_timeout',
    });
    expect(await observed.measurements('oauth.client.lease.duration')).toEqual([
      {
        attributes: {
          'oauth.client.name': 'client',
          'oauth.outcome': 'timeout',
          'error.type': 'lease_timeout',
        },
        value: 1,
      },
    ]);
  });
});
