import { describe, expect, it } from 'vitest';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';

const PAGE = '<h1>Hello alice@example.com, see https://intern.example/alice</h1>';
const FOREIGN: Record<string, (server: FakeAuthorizationServer) => unknown> = {
  'an error code that is none': (server) =>
    server.next('token').respondJson(400, { error: 'alice at https://intern.example/alice' }),
  'a page in place of an answer': (server) =>
    server.next('token').respond(400, { 'content-type': 'text/html' }, PAGE),
};

describe('the status of a span', () => {
  it.each(Object.keys(FOREIGN))('has nothing of what a server wrote: %s', async (what) => {
    const observed = startOpenTelemetry();
    const server = await startServer();
    const session = await bootClient(machineClient(server));
    FOREIGN[what]!(server);
    await session.refreshToken().catch(() => undefined);
    // A second one is told of the first, which is left alone for a while.
    await session.refreshToken().catch(() => undefined);

    expect(observed.spans('acquire_token client')).not.toEqual([]);
    const everything = JSON.stringify(await observed.everything());
    expect(everything).not.toContain('alice');
    expect(everything).not.toContain('intern.example');
  });
});
