import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { leaks } from '../support/leaks.js';
import { startOpenTelemetry } from '../support/opentelemetry.js';
import { bootSecretive } from '../support/secretive-client.js';

/** What no server is ever sent, and so cannot send back. */
const UNSENT = ['passphrase', 'private key', 'proxy password'];

describe('what is exported', () => {
  it('holds no secret, whatever is done and whatever fails', async () => {
    const observed = startOpenTelemetry();
    const { server, alice, secrets } = await bootSecretive();
    const echo = async () => {
      const all = Object.entries(await secrets());
      const known = all.filter(([name]) => !UNSENT.includes(name)).map(([, secret]) => secret);
      return { error: known[0], error_description: known.join(' '), error_uri: known.join('/') };
    };
    await alice.refreshToken();
    server.next('api').respond(401);
    await firstValueFrom(alice.get('/things'));
    server.next('token').respondJson(400, await echo());
    await alice.refreshToken().catch(() => undefined);
    server.next('token').respond(500, {}, JSON.stringify(await echo()));
    server.next('token').dropAfter();
    await alice.refreshToken().catch(() => undefined);
    server.next('token').malformed(JSON.stringify(await echo()), 'text/html');
    await alice.refreshToken().catch(() => undefined);
    alice.registerComplianceHook('refresh_token_request', async () => {
      throw new Error(Object.values(await secrets()).join(' '));
    });
    await alice.refreshToken().catch(() => undefined);

    const everything = await observed.everything();
    expect(observed.spans('token_request').length).toBeGreaterThan(6);
    expect(leaks(everything, await secrets())).toEqual([]);
  });
});
