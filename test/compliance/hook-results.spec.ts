import {
  HandlerError,
  type ComplianceHookType,
  type TokenEndpointRequest,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

/** What calls of a client fail with whose hook returns this. */
async function messageFor(type: ComplianceHookType, returns: (value: object) => unknown) {
  const server = await startServer();
  const { introspectionEndpoint } = server;
  const session = await bootClient(machineClient(server, { introspectionEndpoint }));
  session.registerComplianceHook(type, returns as never);
  const call = type.startsWith('introspect')
    ? session.accessToken().then(() => session.introspectToken())
    : firstValueFrom(session.get('/things'));
  return (await failure(call, HandlerError)).message;
}

describe('what a hook returned is judged', () => {
  it.each<[string, Partial<Record<keyof TokenEndpointRequest, unknown>>]>([
    ['url is no URL', { url: 'https://login.example/token' }],
    ['method is no text', { method: undefined }],
    ['headers are no Headers', { headers: { accept: 'text/html' } }],
    ['body is neither URLSearchParams nor text', { body: { grant_type: 'password' } }],
  ])('a request whose %s', async (problem, change) => {
    for (const type of ['access_token_request', 'introspect_token_request'] as const) {
      const message = await messageFor(type, (request) => ({ ...request, ...change }));
      expect(message).toContain(`A ${type} hook returned a request whose ${problem}.`);
    }
  });

  it('a response that is a copy by spreading', async () => {
    const message = await messageFor('access_token_response', (response) => ({ ...response }));
    expect(message).toContain('A access_token_response hook returned no TokenEndpointResponse.');
    expect(message).toContain('with()');
  });

  it('a call to the API without headers', async () => {
    const message = await messageFor('protected_request', () => ({}));
    expect(message).toContain('A protected_request hook returned a request whose headers');
  });

  it('a request that is a copy by spreading is as good as the original', async () => {
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    session.registerComplianceHook('access_token_request', (request) => ({
      ...request,
      body: `${String(request.body)}&own=1`,
    }));
    await session.accessToken();
    expect(server.journal.requests('token')[0]!.form.get('own')).toBe('1');
  });
});
