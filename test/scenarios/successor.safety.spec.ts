import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  OriginNotAllowedError,
  type OAuthSession,
  type TokenEvent,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bootApplication,
  bootClient,
  machineClient,
  startServer,
  userClient,
} from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { leaks } from '../support/leaks.js';
import { bootSecretive } from '../support/secretive-client.js';
import { answerOf, carriedTokens } from './fixtures-state.js';

/** Keeps every line, whatever its level. */
class EveryLine implements LoggerService {
  readonly lines: unknown[] = [];
  log = (...parts: unknown[]) => void this.lines.push(...parts);
  error = this.log;
  warn = this.log;
  debug = this.log;
  verbose = this.log;
  fatal = this.log;
}

describe('acceptance: secrets', () => {
  it('100: no printing of a session or a token shows one', async () => {
    const { accounts, alice, secrets } = await bootSecretive();
    const token = (await alice.token())!;
    const known = await secrets();
    expect(leaks(token.toRecord(), known)).not.toEqual([]);
    for (const one of [accounts, alice, alice.with({ scope: ['read'] }), token]) {
      expect(leaks(one, known)).toEqual([]);
      expect([inspect(one), JSON.stringify(one)].join()).not.toContain(token.accessToken);
    }
  });

  it('100: no error shows one: of a renewal, of a call, of a foreign address', async () => {
    const { alice, server, secrets } = await bootSecretive();
    const errors: unknown[] = [];
    const refreshToken = (await alice.token())!.refreshToken!;
    const keep = (attempt: Promise<unknown>) => attempt.catch((error) => void errors.push(error));
    server.next('token').respondJson(400, {
      error: 'invalid_request',
      error_description: `What is ${refreshToken}?`,
    });
    await keep(alice.refreshToken());
    server.next('api').respond(500);
    await keep(firstValueFrom(alice.get('/things')));
    await keep(firstValueFrom(alice.get('https://foreign.example/things')));
    const known = await secrets();
    server.revokeFamily(refreshToken);
    await keep(alice.refreshToken());
    expect(errors).toHaveLength(4);
    for (const error of errors) expect(leaks(error, known)).toEqual([]);
  });

  it('100: neither logs nor events show one, whatever happens', async () => {
    const server = await startServer();
    const logger = new EveryLine();
    const client = userClient(server, { scope: ['read'], clientSecret: 'secret' });
    const application = await bootApplication(
      { imports: [OAuthClientModule.forRoot({ clients: { client } })] },
      (builder) => builder.setLogger(logger),
    );
    const registry = application.get(OAuthClientRegistry);
    const events: TokenEvent[] = [];
    registry.events$.subscribe((event) => events.push(event));
    const alice = registry.get('client').for('alice');
    const known: Record<string, string> = {};
    const remember = async (session: OAuthSession) => {
      const { accessToken, refreshToken } = (await session.token())!;
      known[`access token ${accessToken.slice(-4)}`] = accessToken;
      known[`refresh token ${refreshToken!.slice(-4)}`] = refreshToken!;
    };
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), expires_in: -10 });
    await remember(alice);
    server.next('token').transformJson((json) => ({ ...json, scope: 'something else' }));
    await answerOf(alice);
    await remember(alice);
    server.next('token').respond(500).times(2);
    await failure(alice.refreshToken(), Error);
    server.revokeFamily('alice');
    await failure(alice.refreshToken(), Error);
    const types = events.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['scope_changed', 'refresh_failed', 'reauthorization_required']),
    );
    expect(logger.lines.some((line) => String(line).includes('scope'))).toBe(true);
    expect(Object.keys(known)).toHaveLength(4);
    expect(leaks([logger.lines, events], known)).toEqual([]);
  });
});

describe('acceptance: where the token may go', () => {
  async function start(allowed: string[] = []) {
    const server = await startServer();
    const foreign = await startHost((_request, response) => response.end('"there"'));
    const allowedOrigins = [new URL(server.apiUrl).origin, ...allowed];
    const session = await bootClient(machineClient(server, { allowedOrigins }));
    return { server, foreign, session, token: await session.accessToken() };
  }

  it('102: a call to a host outside the allow-list is refused before anything is sent', async () => {
    const { foreign, session, server } = await start();
    const call = firstValueFrom(session.get(`${foreign.origin}/things`));
    const error = await failure(call, OriginNotAllowedError);
    expect(error).toMatchObject({ client: 'client', origin: foreign.origin });
    expect(error.message).toContain('allowedOrigins');
    expect(foreign.connections).toBe(0);
    expect(server.journal.count('api')).toBe(0);
  });

  it('102: a protected_request hook cannot send the token elsewhere, either', async () => {
    const { foreign, session } = await start();
    session.registerComplianceHook('protected_request', (request) => {
      request.url = `${foreign.origin}/things`;
      return request;
    });
    await failure(answerOf(session), OriginNotAllowedError);
    expect(foreign.connections).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])(
    '102: a %i to another origin is followed without the token',
    async (status) => {
      const { server, foreign, session, token } = await start();
      server.next('api').redirect(`${foreign.origin}/there`, status);
      const { data } = await firstValueFrom(session.get<string>('/things'));
      expect(data).toBe('there');
      expect(carriedTokens(server)).toEqual([token]);
      expect(foreign.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
        'GET /there',
      ]);
      expect(foreign.requests[0]!.headers).not.toHaveProperty('authorization');
      expect(JSON.stringify(foreign.requests[0]!.headers)).not.toContain(token);
    },
  );

  it('102: a POST is not redirected to another origin at all', async () => {
    const { server, foreign, session } = await start();
    server.next('api').redirect(`${foreign.origin}/there`, 307);
    await failure(firstValueFrom(session.post('/things', { a: 1 })), OriginNotAllowedError);
    expect(foreign.connections).toBe(0);
  });

  it('102: a redirect to another origin of the allow-list carries the token', async () => {
    const other = await startHost((_request, response) => response.end('"there"'));
    const { server, session, token } = await start([other.origin]);
    server.next('api').redirect(`${other.origin}/there`);
    await firstValueFrom(session.get('/things'));
    expect(other.requests[0]!.headers.authorization).toBe(`Bearer ${token}`);
  });
});
