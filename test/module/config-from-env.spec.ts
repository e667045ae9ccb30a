import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule, registerAs } from '@nestjs/config';
import {
  ConfigurationError,
  OAuthClientModule,
  OAuthClientRegistry,
  oauthConfigFromEnv,
} from 'nestjs-oauth-client';
import { slack } from 'nestjs-oauth-client/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bootApplication, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

const GITHUB = { OAUTH_GITHUB_CLIENT_ID: 'id', OAUTH_GITHUB_CLIENT_SECRET: 's3cret' };

describe('oauthConfigFromEnv()', () => {
  it('makes a client of each client id, by the rest of the name', () => {
    const { clients } = oauthConfigFromEnv({
      env: {
        ...GITHUB,
        OAUTH_GITHUB_SCOPE: 'read:user, repo',
        OAUTH_GITHUB_SHARED: 'true',
        OAUTH_GITHUB_PKCE: 'false',
        OAUTH_GITHUB_DEFAULT_EXPIRES_IN_SECONDS: '60',
        OAUTH_MY_API_CLIENT_ID: 'mine',
        OAUTH_MY_API_CLIENT_AUTHENTICATION: 'client_secret_post',
        OAUTH_MY_API_ALLOWED_ORIGINS: 'https://a.example https://b.example',
        OAUTH_PROXY: 'of something else',
        OTHER: 'x',
        OAUTH_GITHUB_ISSUER: '',
      },
    });
    expect(clients).toEqual({
      github: {
        clientId: 'id',
        clientSecret: 's3cret',
        scope: ['read:user', 'repo'],
        shared: true,
        pkce: false,
        defaultExpiresInSeconds: 60,
      },
      myApi: {
        clientId: 'mine',
        clientAuthentication: { method: 'client_secret_post' },
        allowedOrigins: ['https://a.example', 'https://b.example'],
      },
    });
  });

  it('takes what the code says, and fills in what it does not', () => {
    const clients = { github: { clientId: 'code', baseURL: 'https://api.github.com' } };
    const env = { ...GITHUB, OAUTH_GITHUB_BASE_URL: 'https://other.example' };
    expect(oauthConfigFromEnv({ clients, env }).clients['github']).toEqual({
      clientId: 'code',
      clientSecret: 's3cret',
      baseURL: 'https://api.github.com',
    });
    expect(oauthConfigFromEnv({ clients, env, overwrite: true }).clients['github']).toEqual({
      clientId: 'id',
      clientSecret: 's3cret',
      baseURL: 'https://other.example',
    });
  });

  it('merges an option with parts part by part where the environment wins', () => {
    const clientAuthentication = { method: 'private_key_jwt', key: 'PEM', alg: 'ES256' } as const;
    const env = { ...GITHUB, OAUTH_GITHUB_CLIENT_AUTHENTICATION: 'client_secret_jwt' };
    const clients = { github: { clientAuthentication } };
    const made = (overwrite: boolean) =>
      oauthConfigFromEnv({ clients, env, overwrite }).clients['github']!.clientAuthentication;
    expect(made(true)).toEqual({ method: 'client_secret_jwt', key: 'PEM', alg: 'ES256' });
    expect(made(false)).toEqual(clientAuthentication);
  });

  it('takes undefined in the code for nothing said', () => {
    const clients = { github: { clientId: undefined, scope: undefined } as object };
    const env = { ...GITHUB, OAUTH_GITHUB_SCOPE: 'repo' };
    const github = { clientId: 'id', clientSecret: 's3cret', scope: ['repo'] };
    expect(oauthConfigFromEnv({ clients, env }).clients).toEqual({ github });
  });

  it('takes a client by any name, and no value for one of the language', async () => {
    const env = { OAUTH_TO_STRING_CLIENT_ID: 'id', OAUTH_CONSTRUCTOR_CLIENT_ID: 'id' };
    const { clients } = oauthConfigFromEnv({ env });
    expect(clients).toEqual({ toString: { clientId: 'id' }, constructor: { clientId: 'id' } });
    const shared = { ...env, OAUTH_CONSTRUCTOR_SHARED: 'constructor' };
    await failure(() => oauthConfigFromEnv({ env: shared }), ConfigurationError);
  });

  it('hands what the environment says to a preset', () => {
    const env = { ACME_SLACK_BOT_CLIENT_ID: 'id', ACME_SLACK_BOT_SCOPE: 'chat:write' };
    const { clients } = oauthConfigFromEnv({ prefix: 'ACME_', clients: { slackBot: slack }, env });
    expect(clients['slackBot']).toMatchObject({
      clientId: 'id',
      scope: ['chat:write'],
      tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
    });
  });

  it('reads a secret from a file at every use', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'oauth-env-')), 'secret');
    await writeFile(path, 'first\n');
    const env = { OAUTH_A_CLIENT_ID: 'a', OAUTH_A_CLIENT_SECRET_FILE: path };
    const secret = oauthConfigFromEnv({ env }).clients['a']!.clientSecret as () => Promise<string>;
    expect(await secret()).toBe('first');
    await writeFile(path, 'second\n');
    expect(await secret()).toBe('second');
  });

  it('reports every mistake at once, and no value', async () => {
    const error = await failure(
      () =>
        oauthConfigFromEnv({
          clients: { slack, myApi: {}, my_api: {} },
          env: {
            ...GITHUB,
            OAUTH_GITHUB_CLIENT_SECERT: 'topsecret',
            OAUTH_GITHUB_SHARED: 'topsecret',
            OAUTH_GITHUB_CLIENT_SECRET_FILE: '/topsecret',
          },
        }),
      ConfigurationError,
    );
    expect(error.message).toContain('Did you mean CLIENT_SECRET?');
    expect(error.message).toContain('Set OAUTH_SLACK_CLIENT_ID.');
    expect(error.message).not.toContain('topsecret');
    expect(error.problems.map(({ client, option }) => [client, option])).toEqual([
      ['my_api', 'clientId'],
      ['github', 'CLIENT_SECERT'],
      ['github', 'shared'],
      ['github', 'clientSecret'],
      ['slack', 'clientId'],
      ['my_api', 'clientId'],
    ]);
  });
});

describe('with @nestjs/config', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('feeds the module', async () => {
    const server = await startServer();
    vi.stubEnv('OAUTH_BILLING_CLIENT_ID', 'client');
    vi.stubEnv('OAUTH_BILLING_CLIENT_SECRET', 'secret');
    vi.stubEnv('OAUTH_BILLING_GRANT', 'client_credentials');
    vi.stubEnv('OAUTH_BILLING_TOKEN_ENDPOINT', server.tokenEndpoint);
    vi.stubEnv('OAUTH_BILLING_ALLOW_INSECURE_HTTP', 'true');
    const config = registerAs('oauth', () => oauthConfigFromEnv());
    const application = await bootApplication({
      imports: [
        ConfigModule.forRoot({ load: [config], ignoreEnvFile: true }),
        OAuthClientModule.forRootAsync({ names: ['billing'], ...config.asProvider() }),
      ],
    });
    const session = application.get(OAuthClientRegistry).get('billing');
    expect(server.isLive(await session.accessToken())).toBe(true);
  });
});
