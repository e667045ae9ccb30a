import { ShuttingDownError, type OAuthClientOptions } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootExtended } from '../compliance/bench.js';
import { startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer({ deviceIntervalSeconds: 600 });
});

const boot = (client: Partial<OAuthClientOptions>) => bootExtended(server, [], client);

async function device() {
  const { deviceAuthorizationEndpoint } = server;
  const booted = await boot({ grant: 'device_code', deviceAuthorizationEndpoint });
  const { alice } = booted;
  const begun = server.nextRequest('device_authorization');
  const end = failure(lastValueFrom(alice.authorizeDevice$()), ShuttingDownError);
  await begun;
  return { ...booted, alice, end };
}

describe('after shutdown', () => {
  it('a device authorization has ended, and none is begun', async () => {
    const { application, alice, end } = await device();
    await application.close();
    await end;
    await failure(lastValueFrom(alice.authorizeDevice$()), ShuttingDownError);
    expect(server.journal.count('device_authorization')).toBe(1);
  });

  it('a device authorization has ended with its client alone, too', async () => {
    const { session, end } = await device();
    await session.close();
    await end;
  });

  it('no token is got by a password', async () => {
    const { application, alice } = await boot({ grant: 'password' });
    await application.close();
    const call = alice.fetchToken({ username: 'alice', password: 'x' });
    await failure(call, ShuttingDownError);
    expect(server.journal.count('token')).toBe(0);
  });

  it('no token is got by a callback, and its state is not spent', async () => {
    const { application, alice } = await boot({});
    const { url } = await alice.authorizationUrl();
    const authorizationResponse = await server.authorize(url);
    await application.close();
    await failure(alice.completeAuthorization({ authorizationResponse }), ShuttingDownError);
    await failure(alice.fetchToken({ authorizationResponse }), ShuttingDownError);
    expect(server.journal.count('token')).toBe(0);
  });
});
