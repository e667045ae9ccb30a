import {
  AuthorizationRequiredError,
  ConfigurationError,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';

type Grant = Extract<OAuthClientOptions['grant'], string>;

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

async function alice(grant: Grant) {
  const { deviceAuthorizationEndpoint } = server;
  return (await bootClient(userClient(server, { grant, deviceAuthorizationEndpoint }))).for(
    'alice',
  );
}

/** What begins each grant. */
const BEGINNINGS: [Grant, string][] = [
  ['authorization_code', 'authorizationUrl()'],
  ['implicit', 'authorizationUrl()'],
  ['password', 'fetchToken()'],
  ['device_code', 'authorizeDevice$()'],
];

describe('the remedy of a missing token', () => {
  it.each(BEGINNINGS)('names what begins the grant %s', async (grant, beginning) => {
    const error = await failure((await alice(grant)).accessToken(), AuthorizationRequiredError);
    expect(error.message).toContain(beginning);
    const others = BEGINNINGS.map(([, other]) => other).filter((other) => other !== beginning);
    for (const other of others) expect(error.message).not.toContain(other);
  });
});

describe('the remedy of a method that does not go with the grant', () => {
  it.each([
    ['device_code', 'authorizeDevice$()'],
    ['implicit', 'tokenFromFragment()'],
  ] as [Grant, string][])('is right for fetchToken() on %s', async (grant, instead) => {
    const error = await failure((await alice(grant)).fetchToken(), ConfigurationError);
    expect(error.message).toContain(instead);
  });

  it.each([
    ['device_code', 'authorizeDevice$()'],
    ['password', 'fetchToken()'],
  ] as [Grant, string][])('is right for authorizationUrl() on %s', async (grant, instead) => {
    const error = await failure((await alice(grant)).authorizationUrl(), ConfigurationError);
    expect(error.message).toContain(instead);
  });
});
