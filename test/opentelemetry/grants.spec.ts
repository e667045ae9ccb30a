import { Injectable } from '@nestjs/common';
import { OnAuthorized } from 'nestjs-oauth-client';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootClient,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { DeviceBench } from '../support/device-bench.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';
import { platforms, routedClient, startApplication, subject } from '../web/application.js';
import { TestBrowser } from '../web/browser.js';
import { begin } from '../web/flow.js';

@Injectable()
class SignInService {
  @OnAuthorized('github')
  async signIn(): Promise<string> {
    return 'account';
  }
}

describe('the trace of an acquisition outside a renewal', () => {
  it('is that of the callback which brings the code', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(userClient(server));
    const binding = 'browser';
    const { url } = await session.for('alice').authorizationUrl({ binding });
    const authorizationResponse = await server.authorize(url, { subject: 'alice' });
    const callback = await observed.tracer.startActiveSpan('callback', async (span) => {
      await session.completeAuthorization({ authorizationResponse, binding });
      return span.spanContext().spanId;
    });

    const spans = observed.spans();
    expect(spans.map(({ name }) => name)).toEqual([
      'token_request',
      'commit',
      'acquire_token client',
    ]);
    const root = spans.at(-1)!;
    expect(root.links.map(({ context }) => context.spanId)).toEqual([callback]);
    expect(root.attributes).toMatchObject({
      'oauth.grant.type': 'authorization_code',
      'oauth.outcome': 'fetched',
      'oauth.attempts': 1,
    });
    for (const step of spans.slice(0, 2)) {
      expect(step.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
    }
  });

  it('of a sign-in has the storing of the token, once the application knows whose it is', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const github = routedClient(server, {});
    const options = { clients: { github }, routes: {}, subject };
    const metadata = { providers: [SignInService] };
    const { origin, registry } = await startApplication(platforms[0]!, options, { metadata });
    const browser = new TestBrowser(origin, '');
    await browser.open(await server.authorize(await begin(browser, '')));
    expect(await registry.get('github').for('account').authorized()).toBe(true);

    const [root, ...others] = observed.spans('acquire_token github');
    expect(others).toEqual([]);
    const stored = observed.spans('commit');
    expect(stored.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
      root!.spanContext().spanId,
    ]);
  });

  it('lasts as long as a device authorization asks, and has each question', async () => {
    const observed = startOpenTelemetry();
    const device = await DeviceBench.start();
    const begun = await device.begin();
    await device.passAndAsk(5);
    device.server.approveDevice(begun.pending.userCode, 'alice');
    await device.pass(5);
    await begun.end;

    const outcomes = observed
      .spans('token_request')
      .map(({ attributes, status }) => [attributes['oauth.outcome'], status.code]);
    expect(outcomes).toEqual([
      ['pending', 0],
      ['success', 0],
    ]);
    expect(observed.spans('acquire_token client')[0]!.attributes).toMatchObject({
      'oauth.outcome': 'fetched',
      'oauth.attempts': 2,
    });
  });

  it('tells a variant from the grant itself', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    await firstValueFrom(session.with({ scope: ['read'] }).get('/things'));

    expect(observed.spans('acquire_token client')[0]!.attributes).toMatchObject({
      'oauth.token.variant': true,
    });
  });

  it('never names a subject', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(userClient(server));
    const alice = await connectUser(session, server, 'subject-of-alice');
    await alice.refreshToken();
    await lastValueFrom(alice.get('/things'));

    expect(JSON.stringify(await observed.everything())).not.toContain('subject-of-alice');
  });
});
