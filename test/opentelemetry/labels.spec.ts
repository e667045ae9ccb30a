import * as api from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { OpenTelemetry } from '../../lib/opentelemetry/opentelemetry.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';

const URL_OF_TOKENS = new URL('https://login.example/token');

/** Tells of one call of a client that needed a token request, and of how that ended. */
function tell(telemetry: OpenTelemetry, client: string, errorType?: string): void {
  telemetry.lookedUp(client, false);
  const acquisition = telemetry.begin({ client, reason: 'needed', isVariant: false });
  const request = acquisition.request('client_credentials');
  request.sending({ url: URL_OF_TOKENS, method: 'POST' });
  for (const step of [request, acquisition]) step.ended({ outcome: 'told', errorType });
}

describe('the metrics', () => {
  it('tell 200 clients apart, those of the configuration first, and count all others as one', async () => {
    const observed = startOpenTelemetry();
    const telemetry = new OpenTelemetry(api);
    telemetry.client('late');
    for (let tenant = 0; tenant < 210; tenant += 1) tell(telemetry, `tenant-${tenant}`);
    tell(telemetry, 'late');

    for (const metric of [
      'oauth.client.token.requests',
      'oauth.client.acquisition.duration',
      'oauth.client.token.lookups',
    ]) {
      const measured = await observed.measurements(metric);
      const counts = new Map(
        measured.map(({ attributes, value }) => [attributes['oauth.client.name'], value]),
      );
      expect(counts.size).toBe(201);
      expect(counts.get('late')).toBe(1);
      expect(counts.get('_OTHER')).toBe(11);
    }
  });

  it("tell 100 kinds of failure apart, whatever a server's codes are", async () => {
    const observed = startOpenTelemetry();
    const telemetry = new OpenTelemetry(api);
    for (let code = 0; code < 110; code += 1) tell(telemetry, 'client', `code-${code}`);

    const measured = await observed.measurements('oauth.client.token.requests');
    expect(measured.length).toBeLessThanOrEqual(101);
    expect(measured.map(({ attributes }) => attributes['error.type'])).toContain('_OTHER');
  });
});

describe('the grant types', () => {
  it('stay told apart, however many codes a server thinks of', async () => {
    const observed = startOpenTelemetry();
    const telemetry = new OpenTelemetry(api);
    for (let code = 0; code < 110; code += 1) {
      telemetry
        .begin({ client: 'client', reason: 'needed', isVariant: false })
        .ended({ outcome: 'told', errorType: `code-${code}` });
    }
    tell(telemetry, 'client');

    const [requests] = await observed.measurements('oauth.client.token.requests');
    expect(requests!.attributes).toMatchObject({ 'oauth.grant.type': 'client_credentials' });
  });
});

describe('a meter provider that throws', () => {
  it('fails no call', () => {
    startOpenTelemetry();
    const telemetry = new OpenTelemetry(api);
    api.metrics.disable();
    api.metrics.setGlobalMeterProvider({
      getMeter: () => {
        throw new Error('no meter');
      },
    });
    expect(() => telemetry.lookedUp('client', false)).not.toThrow();
    expect(() => tell(telemetry, 'client')).not.toThrow();
  });
});

describe('the links of an acquisition', () => {
  it('are 128 at most, and keep who asked first', () => {
    const observed = startOpenTelemetry();
    const telemetry = new OpenTelemetry(api);
    const asked = observed.tracer.startActiveSpan('first', (span) => ({
      acquisition: telemetry.begin({ client: 'client', reason: 'needed', isVariant: false }),
      first: span.spanContext().spanId,
    }));
    for (let caller = 0; caller < 200; caller += 1) {
      observed.tracer.startActiveSpan('caller', () => asked.acquisition.joined());
    }
    asked.acquisition.ended({ outcome: 'told' });

    const [root] = observed.spans('acquire_token client');
    expect(root!.links).toHaveLength(128);
    expect(root!.links[0]!.context.spanId).toBe(asked.first);
  });
});
