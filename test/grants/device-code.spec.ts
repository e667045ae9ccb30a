import {
  AuthorizationResponseError,
  ConfigurationError,
  TokenEndpointError,
} from 'nestjs-oauth-client';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { DeviceBench } from '../support/device-bench.js';

let device: DeviceBench;
beforeEach(async () => {
  device = await DeviceBench.start();
});

describe('the device authorization grant', () => {
  it('shows code and address at once, and brings the token when the user has agreed', async () => {
    const { bench, server, alice } = device;
    const { pending, end, heard } = await device.begin();
    expect(pending.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(pending.verificationUri).toBe(`${server.url}/device`);
    expect(pending.verificationUriComplete).toContain(pending.userCode);
    expect(pending.expiresAt - bench.clock.now() / 1000).toBeCloseTo(600, -1);
    const { form } = server.journal.requests('device_authorization')[0]!;
    expect(form.get('scope')).toBe('read');
    await device.passAndAsk(5);
    server.approveDevice(pending.userCode, 'alice');
    await device.passAndAsk(5);
    expect(await end).toMatchObject({ status: 'authorized' });
    expect(heard).toHaveLength(2);
    const { data } = await firstValueFrom(alice.get('/things'));
    expect(data).toMatchObject({ subject: 'alice', scope: ['read'] });
  });

  it('ends when the user says no', async () => {
    const { pending, end } = await device.begin();
    device.server.denyDevice(pending.userCode);
    await device.passAndAsk(5);
    expect((await failure(end, AuthorizationResponseError)).error).toBe('access_denied');
  });

  it('says how to begin again when the server finds the code expired', async () => {
    const { end } = await device.begin();
    device.server.next('token').respondJson(400, { error: 'expired_token' });
    await device.passAndAsk(5);
    const { message } = await failure(end, AuthorizationResponseError);
    expect(message).toContain('authorizeDevice$()');
    expect(message).not.toContain('authorizationUrl');
  });

  it('asks no more once nobody listens', async () => {
    const { stop } = await device.begin();
    await device.passAndAsk(5);
    stop();
    await device.pass(60);
    expect(device.questions).toBe(1);
  });

  it('revokes, and does not store, a token that comes when nobody listens any more', async () => {
    const { server, alice } = device;
    const { pending, stop } = await device.begin();
    server.approveDevice(pending.userCode, 'alice');
    const held = server.next('token').holdAnswer();
    const asked = server.nextRequest('token');
    await device.pass(5);
    await asked;
    stop();
    const revoked = server.nextRequest('revocation');
    held.release();
    expect((await revoked).form.get('token_type_hint')).toBe('refresh_token');
    expect(await alice.token()).toBeUndefined();
  });

  it('is a typed error where the server answers something else', async () => {
    const { server, alice } = device;
    server.next('device_authorization').respondJson(200, { hello: 'world' });
    const error = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(error.endpoint).toBe('device_authorization');
    server.next('device_authorization').respondJson(400, { error: 'invalid_scope' });
    const refused = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(refused.error).toBe('invalid_scope');
  });

  it.each(['verification_uri', 'verification_uri_complete'])(
    'shows no address that is a script: %s',
    async (name) => {
      device.server
        .next('device_authorization')
        .transformJson((json) => ({ ...json, [name]: 'javascript:alert(1)' }));
      const error = await failure(
        firstValueFrom(device.alice.authorizeDevice$()),
        TokenEndpointError,
      );
      expect(error.message).toContain('verification_uri');
    },
  );

  it('sends the authorizationParams of the client, and what is ours as it is', async () => {
    const params = { audience: 'https://api.example', client_id: 'other' };
    const other = await DeviceBench.start({}, { authorizationParams: params });
    await other.begin();
    const { form } = other.server.journal.requests('device_authorization')[0]!;
    expect(form.get('audience')).toBe('https://api.example');
    expect(form.get('client_id')).toBe('client');
  });

  it('needs a client of this grant', async () => {
    const other = (await bootClient(userClient(device.server))).for('alice');
    const steps = other.authorizeDevice$().pipe(toArray());
    await failure(lastValueFrom(steps), ConfigurationError);
  });
});
