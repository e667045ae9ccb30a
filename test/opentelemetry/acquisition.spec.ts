import { firstValueFrom } from 'rxjs';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { AuthorizationRequiredError, TokenEndpointError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';

describe('the trace of an acquisition', () => {
  it('is a root with its steps below it, and says what came of it', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));

    await firstValueFrom(session.get('/things'));

    const spans = observed.spans();
    expect(spans.map(({ name }) => name)).toEqual([
      'lease',
      'token_request',
      'commit',
      'acquire_token client',
    ]);
    const [lease, request, commit, root] = spans;
    const { traceId, spanId } = root!.spanContext();
    for (const step of [lease, request, commit]) {
      expect(step!.spanContext().traceId).toBe(traceId);
      expect(step!.parentSpanContext?.spanId).toBe(spanId);
    }
    expect(root!.parentSpanContext).toBeUndefined();
    expect(root!.attributes).toEqual({
      'oauth.client.name': 'client',
      'oauth.acquisition.reason': 'needed',
      'oauth.token.variant': false,
      'oauth.attempts': 1,
      'oauth.grant.type': 'client_credentials',
      'oauth.outcome': 'fetched',
    });
    expect(lease!.attributes).toMatchObject({ 'oauth.outcome': 'held' });
    expect(request!.kind).toBe(SpanKind.CLIENT);
    expect(request!.attributes).toEqual({
      'oauth.client.name': 'client',
      'oauth.grant.type': 'client_credentials',
      'oauth.outcome': 'success',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(server.tokenEndpoint).port),
    });
  });

  it('is linked to the spans of all who ask, and a child of none', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    const call = (caller: string) =>
      observed.tracer.startActiveSpan(caller, async (span) => {
        await firstValueFrom(session.get('/things'));
        span.end();
        return span.spanContext().spanId;
      });

    const callers = await Promise.all([call('one'), call('two'), call('three')]);

    const roots = observed.spans('acquire_token client');
    expect(roots).toHaveLength(1);
    expect(roots[0]!.parentSpanContext).toBeUndefined();
    expect(roots[0]!.links.map(({ context }) => context.spanId)).toEqual(callers);
    expect(server.journal.requests('token')).toHaveLength(1);
  });

  it('is linked to the spans of those who ask for a renewal that is under way', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    const held = server.next('token').hold();
    const renew = (caller: string) =>
      observed.tracer.startActiveSpan(caller, async (span) => {
        await session.refreshToken();
        return span.spanContext().spanId;
      });
    const one = renew('one');
    await held.arrived;
    const other = renew('other');
    held.release();

    const callers = await Promise.all([one, other]);
    const [root] = observed.spans('acquire_token client');
    expect(root!.links.map(({ context }) => context.spanId)).toEqual(callers);
  });

  it('is linked once to a span that asks more than once', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));

    await observed.tracer.startActiveSpan('caller', async () => {
      const call = () => firstValueFrom(session.get('/things'));
      await Promise.all([call(), call()]);
    });

    expect(observed.spans('acquire_token client')[0]!.links).toHaveLength(1);
  });

  it('says that a renewal was a refresh, and why it was made', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');

    await alice.refreshToken();

    const [root] = observed.spans('acquire_token client');
    expect(root!.attributes).toMatchObject({
      'oauth.acquisition.reason': 'forced',
      'oauth.grant.type': 'refresh_token',
      'oauth.outcome': 'refreshed',
    });
  });

  it('has one request for each try, the later ones counted', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    server.next('token').respond(503);
    const session = await bootClient(machineClient(server));

    await firstValueFrom(session.get('/things'));

    const [first, second] = observed.spans('token_request');
    expect(first!.attributes).toMatchObject({
      'oauth.outcome': 'unanswered',
      'error.type': '503',
      'http.response.status_code': 503,
    });
    expect(first!.attributes).not.toHaveProperty('http.request.resend_count');
    expect(second!.attributes).toMatchObject({
      'oauth.outcome': 'success',
      'http.request.resend_count': 1,
    });
  });

  it('says what the server refused, with our own message', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server, { clientSecret: 'wrong' }));

    const error = await failure(firstValueFrom(session.get('/things')), TokenEndpointError);

    const [root] = observed.spans('acquire_token client');
    const [request] = observed.spans('token_request');
    for (const span of [root, request]) {
      expect(span!.status).toEqual({ code: SpanStatusCode.ERROR, message: error.message });
      expect(span!.attributes['error.type']).toBe('invalid_client');
    }
    expect(request!.attributes['oauth.outcome']).toBe('refused');
    expect(root!.attributes['oauth.outcome']).toBe('failed');
  });

  it('says why only the user can help', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(userClient(server));

    await failure(firstValueFrom(session.for('bob').get('/things')), AuthorizationRequiredError);

    const [root] = observed.spans('acquire_token client');
    expect(root!.attributes).toMatchObject({
      'oauth.outcome': 'reauthorization_required',
      'error.type': 'no_token',
      'oauth.attempts': 0,
    });
  });
});
