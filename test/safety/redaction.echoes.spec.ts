import { TokenEndpointError, type OAuthClientOptions } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer({ deviceIntervalSeconds: 1 });
});

/** Lets the token endpoint say back all that it was sent, after a while in the text. */
function echo(): void {
  server.always('token').transform((_response, request) => ({
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      error: 'invalid_request',
      error_description: `${String(request.headers['authorization'])} ${request.body}`,
    }),
  }));
}

const machine = (options: Partial<OAuthClientOptions>) =>
  bootClient(machineClient(server, { clientSecret: "se cr't!", ...options }));

describe('a server that says back what it was sent', () => {
  it('says nothing of an extension grant, nor of the header', async () => {
    echo();
    const type = 'urn:ietf:params:oauth:grant-type:token-exchange';
    const params = { subject_token: 'subject+secret', actor_token: 'other-secret', n: '1' };
    const session = await machine({ grant: { type, params } });
    const { errorDescription } = await failure(session.accessToken(), TokenEndpointError);
    expect(errorDescription).toContain('subject_token=[redacted]&actor_token=[redacted]');
    expect(errorDescription).toMatch(/^\[redacted\] /);
    expect(errorDescription).toContain('n=1');
  });

  it('says nothing of a grant of the application’s own', async () => {
    echo();
    const session = await machine({
      grant: { type: 'urn:own', params: () => ({ ticket: 'a ticket of ours' }) },
    });
    const { errorDescription } = await failure(session.accessToken(), TokenEndpointError);
    expect(errorDescription).toContain('ticket=[redacted]');
  });

  it('says nothing of a user’s password and a secret in the form', async () => {
    echo();
    const session = await bootClient(
      userClient(server, {
        grant: 'password',
        clientSecret: "se cr't!",
        clientAuthentication: { method: 'client_secret_post' },
      }),
    );
    const { errorDescription } = await failure(
      session.for('alice').fetchToken({ username: 'alice', password: "pa ss'wörd" }),
      TokenEndpointError,
    );
    expect(errorDescription).toContain('password=[redacted]');
    expect(errorDescription).toContain('client_secret=[redacted]');
  });

  it('says nothing at all where a secret is too short to be found in it', async () => {
    server.next('token').respondJson(400, {
      error: 'invalid_grant',
      error_description: 'user e has another password',
    });
    const session = await bootClient(userClient(server, { grant: 'password' }));
    const error = await failure(
      session.for('alice').fetchToken({ username: 'alice', password: 'e' }),
      TokenEndpointError,
    );
    expect([error.error, error.errorDescription]).toEqual(['invalid_grant', '[redacted]']);
  });

  it('says nothing of a device code', async () => {
    server.always('token').transform((_response, { form }) => ({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        error: 'invalid_grant',
        error_description: `unknown: ${form.get('device_code')}`,
      }),
    }));
    const { deviceAuthorizationEndpoint } = server;
    const options = userClient(server, { grant: 'device_code', deviceAuthorizationEndpoint });
    const alice = (await bootClient(options)).for('alice');
    const error = await failure(lastValueFrom(alice.authorizeDevice$()), TokenEndpointError);
    expect(error.errorDescription).toBe('unknown: [redacted]');
  });

  it('says nothing of what a hook has put on the request', async () => {
    echo();
    const session = await machine({ clientAuthentication: { method: 'none' } });
    session.registerComplianceHook('access_token_request', (request) => {
      request.headers.set('authorization', 'Bearer hook-secret');
      return { ...request, body: 'signature=hook-signature' };
    });
    const { errorDescription } = await failure(session.accessToken(), TokenEndpointError);
    expect(errorDescription).toBe('[redacted] signature=[redacted]');
  });
});
