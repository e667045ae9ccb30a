import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { context, trace, type Span } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { OAuthClientModule, OAuthClientRegistry } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootApplication, bootClient, machineClient, startServer } from '../support/application.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';

/** The span that is active when a request is begun, by its path: what HTTP instrumentations see. */
function spansOfRequests(): Map<string, Span | undefined> {
  const active = new Map<string, Span | undefined>();
  const begun = (message: unknown) => {
    const { path } = (message as { request: ClientRequest }).request;
    active.set(path, trace.getSpan(context.active()));
  };
  subscribe('http.client.request.start', begun);
  onTestFinished(() => void unsubscribe('http.client.request.start', begun));
  return active;
}

describe('the context of an acquisition', () => {
  it("has the token request of HTTP instrumentations below ours, and the API's below the caller's", async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    const active = spansOfRequests();

    const caller = await observed.tracer.startActiveSpan('caller', async (span) => {
      await firstValueFrom(session.get('/things'));
      span.end();
      return span;
    });

    const [request] = observed.spans('token_request');
    const { pathname } = new URL(server.tokenEndpoint);
    expect(active.get(pathname)?.spanContext()).toEqual(request!.spanContext());
    const api = `${new URL(server.apiUrl).pathname.replace(/\/$/, '')}/things`;
    expect(active.get(api)).toBe(caller);
  });

  it('is that of no span which was active when the application was booted', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const clients = { client: machineClient(server) };
    const session = await observed.tracer.startActiveSpan('boot', () => bootClient(clients.client));
    await firstValueFrom(session.get('/things'));

    const [root] = observed.spans('acquire_token client');
    expect(root!.parentSpanContext).toBeUndefined();
    expect(root!.links).toEqual([]);
  });

  it('has what hooks do below the request that they belong to', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    session.registerComplianceHook('access_token_request', (request) => {
      observed.tracer.startSpan('hook').end();
      return request;
    });
    await firstValueFrom(session.get('/things'));

    const [request] = observed.spans('token_request');
    const [hook] = observed.spans('hook');
    expect(hook!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId);
  });
});

describe('an SDK', () => {
  it('that is started after the application is used from the acquisition after the next', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    await firstValueFrom(session.get('/things'));
    const observed = startOpenTelemetry();
    await session.refreshToken();
    await session.refreshToken();

    expect(observed.spans('acquire_token client').length).toBeGreaterThan(0);
  });

  it('that is started again is used from then on', async () => {
    const server = await startServer();
    startOpenTelemetry();
    const session = await bootClient(machineClient(server));
    await firstValueFrom(session.get('/things'));
    const { trace: traces, metrics } = await import('@opentelemetry/api');
    traces.disable();
    metrics.disable();
    context.disable();
    const observed = startOpenTelemetry();
    await session.refreshToken();

    expect(observed.spans('acquire_token client')).toHaveLength(1);
    expect(await observed.measurements('oauth.client.token.requests')).toHaveLength(1);
  });

  it('whose processors throw fails no call', async () => {
    startOpenTelemetry();
    trace.disable();
    const broken = () => {
      throw new Error('broken');
    };
    const done = () => Promise.resolve();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({
        spanProcessors: [{ onStart: broken, onEnd: broken, shutdown: done, forceFlush: done }],
      }),
    );
    const server = await startServer();
    const session = await bootClient(machineClient(server));

    expect((await firstValueFrom(session.get('/things'))).status).toBe(200);
  });

  it('is told by each of two applications', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    for (const name of ['one', 'other']) {
      const root = OAuthClientModule.forRoot({ clients: { [name]: machineClient(server) } });
      const application = await bootApplication({ imports: [root] });
      await firstValueFrom(application.get(OAuthClientRegistry).get(name).get('/things'));
    }

    expect(observed.spans('acquire_token one')).toHaveLength(1);
    expect(observed.spans('acquire_token other')).toHaveLength(1);
    expect(await observed.measurements('oauth.client.token.requests')).toHaveLength(2);
  });
});

describe('the option telemetry', () => {
  it('switches everything off by false', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server), { telemetry: false });
    await firstValueFrom(session.get('/things'));

    expect(observed.spans()).toEqual([]);
    expect(await observed.measurements('oauth.client.token.requests')).toEqual([]);
  });

  it('counts as left out when it is undefined', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server), { telemetry: undefined });
    await firstValueFrom(session.get('/things'));

    expect(observed.spans('acquire_token client')).toHaveLength(1);
  });

  it('is judged at boot', async () => {
    const server = await startServer();
    const telemetry: unknown = 'off';
    await expect(
      bootClient(machineClient(server), { telemetry: telemetry as boolean }),
    ).rejects.toThrow('option "telemetry": It is neither true nor false.');
  });
});
