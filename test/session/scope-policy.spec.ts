import {
  OAuthClientModule,
  OAuthClientRegistry,
  ScopeMismatchError,
  type OAuthClientOptions,
  type ScopePolicy,
  type TokenEvent,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootApplication, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { recordEvents } from '../support/renewal-bench.js';
import { connect } from '../compliance/bench.js';

let server: FakeAuthorizationServer;
let logger: RecordingLogger;
beforeEach(async () => {
  server = await startServer();
  logger = new RecordingLogger();
});

async function boot(options: OAuthClientOptions) {
  const application = await bootApplication(
    { imports: [OAuthClientModule.forRoot({ clients: { client: options } })] },
    (builder) => builder.setLogger(logger),
  );
  const session = application.get(OAuthClientRegistry).get('client');
  return { session, events: recordEvents(session) };
}

const machine = (scopePolicy?: ScopePolicy) =>
  boot(machineClient(server, { scope: ['a', 'b'], ...(scopePolicy && { scopePolicy }) }));
const grant = (scope: unknown) =>
  server.always('token').transformJson((json) => ({ ...json, scope }));
const changes = (events: TokenEvent[]) => events.filter(({ type }) => type === 'scope_changed');
const scopeLines = () => logger.warnings.filter((line) => line.includes('scope'));

describe('the scope that was granted', () => {
  it.each(['b a', 'a,b', 'b, a', undefined])('is what was asked for in %o', async (scope) => {
    grant(scope);
    const { session, events } = await machine('strict');
    const token = await session.fetchToken();
    expect(new Set(token.scope)).toEqual(new Set(['a', 'b']));
    expect([token.missing, token.additional]).toEqual([[], []]);
    expect(changes(events)).toEqual([]);
  });

  it('may differ by default: an event, one log line, and the difference on the token', async () => {
    grant('a c');
    const { session, events } = await machine();
    const token = await session.fetchToken();
    expect([token.missing, token.additional]).toEqual([['b'], ['c']]);
    expect(changes(events)).toMatchObject([{ missing: ['b'], additional: ['c'], subject: '' }]);
    await session.refreshToken();
    expect(changes(events)).toHaveLength(2);
    expect(scopeLines()).toHaveLength(1);
    expect(scopeLines()[0]).toContain('client "client"');
    expect((await session.token())!.missing).toEqual(['b']);
  });

  it('is nobody’s business with ignore', async () => {
    grant('c');
    const { session, events } = await machine('ignore');
    expect((await session.fetchToken()).missing).toEqual(['a', 'b']);
    expect(changes(events)).toEqual([]);
    expect(scopeLines()).toEqual([]);
  });

  it.each<[ScopePolicy, string, string[], string[]]>([
    ['missing', 'a', ['b'], []],
    ['strict', 'a', ['b'], []],
    ['strict', 'a b c', [], ['c']],
  ])('with %s and %o is an error', async (policy, scope, missing, additional) => {
    grant(scope);
    const { session, events } = await machine(policy);
    const error = await failure(firstValueFrom(session.get('/things')), ScopeMismatchError);
    expect(error.token.accessToken).toBe((await session.token())!.accessToken);
    expect([error.missing, error.additional]).toEqual([missing, additional]);
    expect(JSON.stringify(error)).not.toContain(error.token.accessToken);
    expect(changes(events)).toHaveLength(1);
    // The token is kept, and is of no use to a client that minds.
    await failure(session.accessToken(), ScopeMismatchError);
    await failure(firstValueFrom(session.get('/things')), ScopeMismatchError);
    expect(server.journal.tokenRequests()).toHaveLength(1);
    expect(server.journal.apiCalls(200)).toHaveLength(0);
    expect(changes(events)).toHaveLength(1);
    grant('a b');
    await session.refreshToken();
    await firstValueFrom(session.get('/things'));
  });

  it('may be more with missing', async () => {
    grant('a b c');
    const { session, events } = await machine('missing');
    await firstValueFrom(session.get('/things'));
    expect(changes(events)).toHaveLength(1);
  });

  it('is judged after a code exchange, too, and the token is kept', async () => {
    grant('a');
    const options = userClient(server, { scope: ['a', 'b'], scopePolicy: 'strict' });
    const alice = (await boot(options)).session.for('alice');
    const error = await failure(connect(alice, server), ScopeMismatchError);
    expect(error.subject).toBe('alice');
    expect(await alice.token()).toBeDefined();
    expect(await alice.authorized()).toBe(false);
  });

  it('is judged wherever the token comes from, and after a renewal of it, too', async () => {
    grant(undefined);
    const options = userClient(server, { scope: ['a', 'b'], scopePolicy: 'missing' });
    const alice = (await boot(options)).session.for('alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }), scope: 'a' });
    await failure(alice.accessToken(), ScopeMismatchError);
    const error = await failure(alice.refreshToken(), ScopeMismatchError);
    expect([error.missing, error.token.scope]).toEqual([['b'], ['a']]);
    expect(error.token.version).toBe((await alice.token())!.version);
    grant('a b');
    expect((await alice.refreshToken()).missing).toEqual([]);
    await alice.accessToken();
  });

  it('is read as it was written, with a separator of its own', async () => {
    grant('a;b');
    const options = { scope: ['a', 'b'], scopePolicy: 'strict', scopeSeparator: ';' } as const;
    const { session } = await boot(machineClient(server, options));
    expect((await session.fetchToken()).scope).toEqual(['a', 'b']);
    expect((await session.refreshToken()).scope).toEqual(['a', 'b']);
    expect((await session.setToken({ access_token: 'x', scope: 'a;b' })).scope).toEqual(['a', 'b']);
  });

  it('is no text of the server’s in a message as it comes', async () => {
    grant(`a \u001b[31m${'x'.repeat(1000)}`);
    const { session } = await machine('strict');
    const { message } = await failure(session.fetchToken(), ScopeMismatchError);
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(500);
  });

  it('is the server’s own business where nothing was asked for', async () => {
    grant('anything at all');
    const { session, events } = await boot(machineClient(server, { scopePolicy: 'strict' }));
    expect((await session.fetchToken()).scope).toEqual(['anything', 'at', 'all']);
    expect(changes(events)).toEqual([]);
  });
});
