import { firstValueFrom } from 'rxjs';
import { TokenEndpointError } from 'nestjs-oauth-client';
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

const CLIENT = { 'oauth.client.name': 'client' };
const GRANT = { 'oauth.grant.type': 'client_credentials' };

describe('the metrics', () => {
  it('count token requests by client, grant and outcome', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    server.next('token').respond(503);
    const session = await bootClient(machineClient(server));
    await firstValueFrom(session.get('/things'));

    expect(await observed.measurements('oauth.client.token.requests')).toEqual([
      {
        attributes: { ...CLIENT, ...GRANT, 'oauth.outcome': 'unanswered', 'error.type': '503' },
        value: 1,
      },
      { attributes: { ...CLIENT, ...GRANT, 'oauth.outcome': 'success' }, value: 1 },
    ]);
  });

  it('count no request that was never sent', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    session.registerComplianceHook('access_token_request', () => {
      throw new Error('no');
    });
    await failure(firstValueFrom(session.get('/things')), Error);

    expect(observed.spans('token_request')).toHaveLength(1);
    expect(await observed.measurements('oauth.client.token.requests')).toEqual([]);
  });

  it('have the duration of acquisitions by what came of them', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    await firstValueFrom(session.get('/things'));
    server.next('token').respondJson(400, { error: 'invalid_scope' });
    await failure(session.refreshToken(), TokenEndpointError);

    expect(await observed.measurements('oauth.client.acquisition.duration')).toEqual([
      { attributes: { ...CLIENT, ...GRANT, 'oauth.outcome': 'fetched' }, value: 1 },
      {
        attributes: {
          ...{ ...CLIENT, ...GRANT, 'oauth.outcome': 'failed' },
          'error.type': 'invalid_scope',
        },
        value: 1,
      },
    ]);
  });

  it('count the tokens that were at hand, and those that were not', async () => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    for (let call = 0; call < 4; call += 1) await firstValueFrom(session.get('/things'));

    expect(await observed.measurements('oauth.client.token.lookups')).toEqual([
      { attributes: { ...CLIENT, 'oauth.cache.result': 'hit' }, value: 3 },
      { attributes: { ...CLIENT, 'oauth.cache.result': 'miss' }, value: 1 },
    ]);
  });

  it.each([
    ['accepted', 1],
    ['refused', 2],
  ])('count replays after a 401: %s', async (outcome, times) => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    server.next('api').respond(401).times(times);
    const alice = await connectUser(await bootClient(userClient(server)), server, 'alice');
    await firstValueFrom(alice.get('/things', { validateStatus: () => true }));

    expect(await observed.measurements('oauth.client.replays')).toEqual([
      { attributes: { ...CLIENT, 'oauth.outcome': outcome }, value: 1 },
    ]);
  });
});
