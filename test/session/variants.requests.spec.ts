import { ConfigurationError, type OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

let server: FakeAuthorizationServer;
let session: OAuthSession;
beforeEach(async () => {
  server = await startServer();
  session = await bootClient(machineClient(server, { scope: ['read', 'write'] }));
});

describe('with()', () => {
  it.each<[string, object, RegExp]>([
    ['a text as scope', { scope: 'x' }, /"scope".*list/],
    ['a part of a scope that holds a space', { scope: ['a b'] }, /"scope".*one by one/],
    ['an empty part of a scope', { scope: [''] }, /"scope".*empty/],
    ['a text as resource', { resource: 'https://x' }, /"resource".*list/],
    ['a number as audience', { audience: [5] }, /"audience".*list/],
    ['a misspelt option', { resources: ['https://x'] }, /"resources".*Did you mean "resource"/],
    ['something of a request', { headers: {} }, /"headers"/],
  ])('refuses %s', async (_what, overrides, message) => {
    const error = await failure(() => session.with(overrides), ConfigurationError);
    expect(error.message).toMatch(message);
  });

  it('costs no token of its own where it asks for what the client asks for', async () => {
    await session.accessToken();
    for (const overrides of [
      {},
      { scope: undefined },
      { scope: ['read', 'write'] },
      { scope: ['write', 'read'] },
      { scope: ['read', 'write', 'read'] },
      { resource: [], audience: [] },
    ]) {
      expect(await session.with(overrides as object).accessToken()).toBeTruthy();
    }
    expect(server.journal.count('token')).toBe(1);
  });

  it('costs one token for the same variant, said in another order or twice', async () => {
    for (const resource of [
      ['https://a', 'https://b'],
      ['https://b', 'https://a'],
      ['https://a', 'https://b', 'https://a'],
    ]) {
      await session.with({ resource }).accessToken();
    }
    expect(server.journal.count('token')).toBe(1);
    const { form } = server.journal.requests('token')[0]!;
    expect(form.getAll('resource')).toEqual(['https://a', 'https://b']);
  });

  it('asks for no scope where it is given none', async () => {
    await session.with({ scope: [] }).accessToken();
    expect(server.journal.requests('token')[0]!.form.has('scope')).toBe(false);
  });
});
