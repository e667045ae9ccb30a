import { Agent } from 'node:http';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  TokenEndpointError,
  type OAuthClientOptions,
  type TokenEvent,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { bootApplication, machineClient, startServer, userClient } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';
import { recordEvents } from '../support/renewal-bench.js';

/** What an operator is told of a failed token request: the same word in each place. */
interface Told {
  readonly events: TokenEvent[];
  readonly log: unknown[];
  readonly status: unknown;
  readonly telemetry: unknown[];
}

async function failed(client: OAuthClientOptions): Promise<Told> {
  const observed = startOpenTelemetry();
  const log: unknown[] = [];
  const line = (_message: unknown, fields: unknown) => void log.push(fields);
  const application = await bootApplication(
    { imports: [OAuthClientModule.forRoot({ clients: { client } })] },
    (builder) =>
      builder.setLogger({ log: line, debug: line, warn: line, error: line, fatal: line }),
  );
  const registry = application.get(OAuthClientRegistry);
  const session = registry.get('client');
  const events = recordEvents(session);
  log.splice(0);
  await failure(session.accessToken(), TokenEndpointError);
  const [status] = await registry.status();
  return {
    events,
    log,
    status: status?.lastError?.code,
    telemetry: observed
      .spans('acquire_token client')
      .map(({ attributes }) => attributes['error.type']),
  };
}

/** A client whose connections end with an error of this code. */
function brokenBy(server: FakeAuthorizationServer, code: string): OAuthClientOptions {
  class BrokenAgent extends Agent {
    override createConnection(): never {
      throw Object.assign(new Error('broken'), { code });
    }
  }
  return machineClient(server, { transport: { httpAgent: new BrokenAgent(), proxy: false } });
}

describe('what is told of a token request without a connection', () => {
  it('is the code of the connection, in events, log, status and telemetry alike', async () => {
    const server = await startServer();
    const client = machineClient(server);
    await server.stop();
    const { events, log, status, telemetry } = await failed(client);
    expect(events).toMatchObject([{ type: 'refresh_failed', error: 'ECONNREFUSED', final: false }]);
    expect(log).toMatchObject([{ event: 'refresh_failed', error: 'ECONNREFUSED' }]);
    expect(status).toBe('ECONNREFUSED');
    expect(telemetry).toEqual(['ECONNREFUSED']);
  });

  it('names what is wrong with the certificate of the server', async () => {
    const { cert, key } = selfSigned('as.example');
    const server = await startServer({ tls: { cert, key } });
    const { status, telemetry } = await failed(machineClient(server));
    expect(status).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(telemetry).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT']);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED'])(
    'is %s where that is the code',
    async (code) => {
      const { events, status, telemetry } = await failed(brokenBy(await startServer(), code));
      expect(events.map(({ error }) => error)).toEqual([code]);
      expect(status).toBe(code);
      expect(telemetry).toEqual([code]);
    },
  );

  it.each(['alice@example.com', 'secret-of-alice', 'E', `E${'X'.repeat(100)}`])(
    'is the code of our own error where that of the connection is no word of Node: %s',
    async (code) => {
      const { events, status, telemetry } = await failed(brokenBy(await startServer(), code));
      expect(events.map(({ error }) => error)).toEqual(['token_endpoint']);
      expect(status).toBe('token_endpoint');
      expect(telemetry).toEqual(['token_endpoint']);
    },
  );

  it('is the code at a first token, too, and where a token is revoked', async () => {
    const server = await startServer();
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRoot({
          clients: {
            client: userClient(server, {
              grant: 'password',
              revocationEndpoint: server.revocationEndpoint,
            }),
          },
        }),
      ],
    });
    const alice = application.get(OAuthClientRegistry).get('client').for('alice');
    const events = recordEvents(alice);
    await server.stop();
    const password = { username: 'alice', password: 'wrong' };
    await failure(alice.fetchToken(password), TokenEndpointError);
    await failure(alice.revokeToken({ token: 'any' }), TokenEndpointError);
    expect(events).toMatchObject([
      { type: 'fetch_failed', error: 'ECONNREFUSED' },
      { type: 'revocation_failed', error: 'ECONNREFUSED' },
    ]);
  });
});
