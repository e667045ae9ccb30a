import { AxiosError } from 'axios';
import { inTurn } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { get, testClient } from './oauth-client-testing.support.js';

describe('the reply of a test client', () => {
  it('is a value, an answer, a Response or a function of the request', async () => {
    const { session, client } = await testClient();
    const alice = session.for('alice');
    client.reply([{ status: 'open' }]);
    expect(await get(alice, '/')).toEqual([{ status: 'open' }]);
    client.reply({ status: 'open', data: 1 });
    expect(await get(alice, '/')).toEqual({ status: 'open', data: 1 });
    client.reply({ status: 201, headers: { etag: 'e' }, data: { id: 1 } });
    const created = await firstValueFrom(alice.post('/', {}));
    expect([created.status, created.headers['etag'], created.data]).toEqual([201, 'e', { id: 1 }]);
    client.reply(Response.json({ status: 200 }));
    expect([await get(alice, '/'), await get(alice, '/')]).toEqual([
      { status: 200 },
      { status: 200 },
    ]);
    client.reply(async ({ path, subject }) => [path, subject]);
    expect(await get(alice, '/asked')).toEqual(['/asked', 'alice']);
    client.reply(() => undefined);
    expect((await firstValueFrom(alice.get('/'))).status).toBe(204);
  });

  it('is routes, by method, path below baseURL and names', async () => {
    const { session } = await testClient({
      baseURL: 'https://api.example/v1',
      allowedOrigins: ['https://api.example', 'https://uploads.example'],
      reply: {
        'GET /repos/:owner/:name': ({ params }) => params,
        '/repos/*': 'any',
        'GET https://uploads.example/file': 'uploaded',
      },
    });
    const alice = session.for('alice');
    expect(await get(alice, '/repos/me/a%2Fb')).toEqual({ owner: 'me', name: 'a/b' });
    expect((await firstValueFrom(alice.delete('/repos/x/y/z'))).data).toBe('any');
    expect(await get(alice, 'https://uploads.example/file')).toBe('uploaded');
  });

  it('that is missing is an error which says how to add one', async () => {
    const { session } = await testClient({ reply: { 'GET /user': {} } });
    for (const call of [
      () => get(session.for('alice'), '/users'),
      () => session.for('alice').fetch('/users'),
    ]) {
      expect((await failure(call(), Error)).message).toContain(
        'No reply is set for GET https://api.test/users. Add one: ' +
          "OAuthTestKit.of(module).client('github').reply({ 'GET /users': … })",
      );
    }
  });

  it('fails the call with what it throws', async () => {
    const { session, client } = await testClient();
    client.reply(() => {
      throw new AxiosError('socket hang up', 'ECONNRESET');
    });
    expect(await failure(get(session.for('alice'), '/'), AxiosError)).toMatchObject({
      code: 'ECONNRESET',
    });
  });

  it('that takes too long is a timeout', async () => {
    const { session } = await testClient({ reply: () => new Promise(() => undefined) });
    const call = firstValueFrom(session.for('alice').get('/', { timeout: 20 }));
    expect(await failure(call, AxiosError)).toMatchObject({ code: 'ECONNABORTED' });
  });

  it('begins anew with reset(), which forgets what was recorded', async () => {
    const { session, client, kit } = await testClient({ reply: inTurn('one', 'two') });
    const alice = session.for('alice');
    expect([await get(alice, '/'), await get(alice, '/'), await get(alice, '/')]).toEqual([
      'one',
      'two',
      'two',
    ]);
    kit.reset();
    expect(client.calls).toEqual([]);
    expect(await get(alice, '/')).toBe('one');
  });
});
