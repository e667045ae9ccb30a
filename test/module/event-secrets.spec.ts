import {
  OAuthClientModule,
  OAuthClientRegistry,
  ScopeMismatchError,
  type OAuthClientOptions,
  type TokenEvent,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bootApplication,
  connectUser,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';
import { RecordingLogger } from '../support/recording-logger.js';

const CLIENT_SECRET = 'client-secret-5vXc9-of-the-application';

let server: FakeAuthorizationServer;
let logger: RecordingLogger;
let events: TokenEvent[];
beforeEach(async () => {
  server = await startServer({ clients: [{ clientId: 'client', clientSecret: CLIENT_SECRET }] });
  logger = new RecordingLogger();
  events = [];
});

async function boot(more: Partial<OAuthClientOptions> = {}) {
  const clientSecret = CLIENT_SECRET;
  const scope = ['read'];
  const clients = {
    client: userClient(server, { clientSecret, scope, ...more }),
    machine: machineClient(server, { clientSecret, scope }),
  };
  const application = await bootApplication(
    { imports: [OAuthClientModule.forRoot({ clients, logging: { subjects: true } })] },
    (builder) => builder.setLogger(logger),
  );
  const registry = application.get(OAuthClientRegistry);
  registry.events$.subscribe((event) => events.push(event));
  return { application, registry, session: registry.get('client') };
}

describe('a server that says secrets back', () => {
  it('in the scope that it grants', async () => {
    const { session } = await boot();
    const alice = await connectUser(session, server, 'alice');
    const before = (await alice.token())!;
    const own = [
      'https://graph.microsoft.com/User.Read',
      'https://api.example/auth/drive.readonly',
    ];
    const entra = 'api://3f2504e0-4f89-11d3-9a0c-0305e82c3301/.default';
    server.always('token').transformJson((body) => {
      const told = [body['access_token'], body['refresh_token'], before.refreshToken];
      return { ...body, scope: ['read', ...own, entra, ...told, CLIENT_SECRET].join(' ') };
    });
    const { accessToken, refreshToken = '' } = await alice.refreshToken();
    const secrets = { accessToken, refreshToken, spent: before.refreshToken!, CLIENT_SECRET };
    expect(leaks([events, logger.warnings], secrets)).toEqual([]);
    const told = events.find(({ type }) => type === 'scope_changed');
    expect(told?.additional?.slice(0, 3)).toEqual([...own, entra]);
  });

  it('in a scope that is refused', async () => {
    const { session } = await boot({ scopePolicy: 'strict' });
    const alice = await connectUser(session, server, 'alice');
    server.always('token').transformJson((body) => {
      const told = [body['access_token'], body['refresh_token'], CLIENT_SECRET];
      return { ...body, scope: ['read', ...told].join(' ') };
    });
    const error = await failure(alice.refreshToken(), ScopeMismatchError);
    const { accessToken, refreshToken = '' } = error.token;
    expect(leaks([error, events], { accessToken, refreshToken, CLIENT_SECRET })).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['stored', 'refreshed', 'scope_changed']);
  });

  it('in an error that calls for a rest', async () => {
    const { session, registry } = await boot();
    const alice = await connectUser(session, server, 'alice');
    const { accessToken, refreshToken = '' } = (await alice.token())!;
    for (const secret of [accessToken, refreshToken, CLIENT_SECRET]) {
      const error = { error: secret, error_description: secret, error_uri: `https://x/${secret}` };
      server.always('token').respond(429, { 'Retry-After': '60' }, JSON.stringify(error));
      await failure(alice.refreshToken(), Error);
      const status = await registry.status();
      const shown = [status, events, logger.warnings, logger.errors];
      expect(leaks(shown, { accessToken, refreshToken, CLIENT_SECRET })).toEqual([]);
      expect(status[0]?.cooldown?.error).toBe('[redacted]');
    }
  });
});

it('a server that grants another scope each time fills no log', async () => {
  const { application, registry } = await boot();
  let count = 0;
  server.always('token').transformJson((body) => {
    count += 1;
    return { ...body, scope: `read session:${count}` };
  });
  const machine = registry.get('machine');
  for (let renewal = 0; renewal < 30; renewal += 1) await machine.refreshToken();
  expect(events.filter(({ type }) => type === 'scope_changed')).toHaveLength(30);
  expect(logger.warnings).toHaveLength(1);
  await application.close();
  expect(logger.warnings).toHaveLength(2);
  expect(logger.warnings[1]).toContain('And 29 more like it');
});
