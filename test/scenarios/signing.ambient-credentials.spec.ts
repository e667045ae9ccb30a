import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { ConfigurationError, OAuth2Auth } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectUser, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startPlainApi } from '../support/plain-api.js';
import {
  apiRequest,
  argumentsFor,
  basic,
  bootKind,
  TOKEN_REQUEST_KINDS,
  tokenRequest,
} from './fixtures-fetch.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

/** Sets variables of the environment for one test. */
function stubEnvironment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Gives this machine a credential file, for the host of every server here. */
async function writeNetrc(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'netrc-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const entry = 'login of-the-machine password of-the-machine';
  const lines = [`machine 127.0.0.1 ${entry}`, `machine localhost ${entry}`, `default ${entry}`];
  for (const name of ['.netrc', '_netrc']) {
    await writeFile(join(home, name), `${lines.join('\n')}\n`, { mode: 0o600 });
  }
  stubEnvironment({ HOME: home, USERPROFILE: home, NETRC: join(home, '.netrc') });
  expect(homedir()).toBe(home);
}

describe('a credential file of the machine for the same host', () => {
  beforeEach(writeNetrc);

  it.each(TOKEN_REQUEST_KINDS)(
    '11: replaces neither the client’s header nor the token’s, by the %s grant',
    async (kind) => {
      const session = await bootKind(kind, userClient(server));
      const token = await session.fetchToken(await argumentsFor(kind, session));
      await firstValueFrom(session.get('/things'));
      expect(tokenRequest(server).headers.authorization).toBe(basic('client', 'secret'));
      expect(apiRequest(server).headers.authorization).toBe(`Bearer ${token.accessToken}`);
    },
  );

  it('11: replaces no token that a call is sent without', async () => {
    const session = await bootKind('client_credentials', userClient(server));
    const config = { oauth: { withholdToken: true }, validateStatus: () => true };
    await firstValueFrom(session.get('/things', config));
    expect(apiRequest(server).headers.authorization).toBeUndefined();
  });

  it('11: does not replace the header of OAuth2Auth', async () => {
    const http = axios.create({ baseURL: server.apiUrl });
    const token = { ...server.issueTokens() };
    new OAuth2Auth({ token, allowInsecureHttp: true }).attach(http);
    await http.get('/things');
    expect(apiRequest(server).headers.authorization).toBe(`Bearer ${token.access_token}`);
  });
});

describe('other credentials of the surroundings', () => {
  it('11: of a proxy in the environment go to the proxy alone, and replace no OAuth header', async () => {
    const seen: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
    const proxy = await startPlainApi(({ url, headers }, response) => {
      seen.push({ url, headers });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'token', token_type: 'Bearer' }));
    });
    const address = proxy.replace('//', '//of-the-machine:password@');
    const upper = { HTTP_PROXY: address, NO_PROXY: '' };
    stubEnvironment({ http_proxy: address, no_proxy: '', ...upper });
    const session = await bootKind('client_credentials', userClient(server));
    await firstValueFrom(session.get('/things'));
    expect(seen.map(({ url }) => url)).toEqual([server.tokenEndpoint, `${server.apiUrl}/things`]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      basic('client', 'secret'),
      'Bearer token',
    ]);
    for (const { headers } of seen) {
      expect(headers['proxy-authorization']).toBe(basic('of-the-machine', 'password'));
    }
    expect(server.journal.count()).toBe(0);
  });

  it('11: port: in an address are refused at boot, and on a call, and nothing is sent', async () => {
    const withCredentials = (address: string) => address.replace('//', '//mallory:password@');
    for (const option of ['baseURL', 'tokenEndpoint'] as const) {
      const options = userClient(server);
      const wrong = { ...options, [option]: withCredentials(String(options[option])) };
      const error = await failure(bootKind('client_credentials', wrong), ConfigurationError);
      expect(error.problems.map((problem) => problem.option)).toEqual([option]);
    }
    const client = await bootKind('authorization_code', userClient(server));
    const alice = await connectUser(client, server, 'alice');
    const call = firstValueFrom(alice.get(withCredentials(`${server.apiUrl}/things`)));
    await failure(call, ConfigurationError);
    expect(server.journal.count()).toBe(0);
  });
});
