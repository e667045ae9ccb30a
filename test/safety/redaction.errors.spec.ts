import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import {
  MemoryTokenStore,
  OAuthClientError,
  type OAuthClientModuleOptions,
  type TokenResponse,
  type TokenStore,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { leaks } from '../support/leaks.js';
import { bootSecretive, type SecretiveApplication } from '../support/secretive-client.js';

type Call = (application: SecretiveApplication) => Promise<unknown>;

const complete = async ({ alice, server }: SecretiveApplication, change: (url: URL) => void) => {
  const { url } = await alice.authorizationUrl({ binding: 'a-binding' });
  const callback = new URL(await server.authorize(url, { subject: 'alice' }));
  change(callback);
  const authorizationResponse = callback.href;
  return alice.completeAuthorization({ authorizationResponse, binding: 'a-binding' });
};

const refresh = (misbehave: (application: SecretiveApplication) => void): Call => {
  return (application) => {
    misbehave(application);
    return application.alice.refreshToken();
  };
};

/** Every class of error, in the situations that it is for, and by its code. */
const SITUATIONS: [string, string, Call][] = [
  [
    'a foreign address',
    'origin_not_allowed',
    ({ alice }) => firstValueFrom(alice.get('https://evil.example/x')),
  ],
  [
    'a user name in an address',
    'configuration',
    ({ alice, server }) =>
      firstValueFrom(alice.get(server.apiUrl.replace('//', '//user:a-password@'))),
  ],
  [
    'an option that a call may not set',
    'configuration',
    ({ alice }) =>
      firstValueFrom(alice.get('/x', { auth: { username: 'u', password: 'a-password' } })),
  ],
  ['nobody named', 'configuration', ({ accounts }) => firstValueFrom(accounts.get('/x'))],
  ['no token', 'authorization_required', ({ accounts }) => accounts.for('bob').accessToken()],
  [
    'a dead grant',
    'authorization_required',
    refresh(({ server }) => server.always('token').respondJson(400, { error: 'invalid_grant' })),
  ],
  [
    'a callback that is replayed',
    'mismatching_state',
    async (application) => {
      let again = '';
      await complete(application, (url) => (again = url.href));
      return application.alice.completeAuthorization({ authorizationResponse: again });
    },
  ],
  [
    'another browser',
    'mismatching_state',
    (application) =>
      application.alice.authorizationUrl({ binding: 'another' }).then(async ({ url }) =>
        application.alice.completeAuthorization({
          authorizationResponse: await application.server.authorize(url),
          binding: 'a-binding',
        }),
      ),
  ],
  [
    'a refusal',
    'authorization_response',
    (application) =>
      complete(application, ({ searchParams }) => searchParams.set('error', 'access_denied')),
  ],
  [
    'no code',
    'missing_code',
    (application) => complete(application, ({ searchParams }) => searchParams.delete('code')),
  ],
  [
    'a code that is refused',
    'token_endpoint',
    (application) => {
      application.server.next('token').respondJson(400, { error: 'invalid_grant' });
      return complete(application, () => undefined);
    },
  ],
  [
    'a token endpoint that fails',
    'token_endpoint',
    refresh(({ server }) => server.always('token').respond(500, {}, '<html>')),
  ],
  [
    'a token endpoint that throttles',
    'token_endpoint',
    refresh(({ server }) => server.always('token').respond(429, { 'Retry-After': '60' })),
  ],
  ['a token endpoint that is down', 'token_endpoint', refresh(({ server }) => void server.stop())],
  [
    'a token endpoint that drops the connection',
    'token_endpoint',
    refresh(({ server }) => server.always('token').dropBefore()),
  ],
  [
    'a malformed answer',
    'token_endpoint',
    refresh(({ server }) =>
      server
        .always('token')
        .transform((response) => ({ ...response, body: response.body.slice(1) })),
    ),
  ],
  [
    'an answer that does not conform',
    'token_endpoint',
    refresh(({ server }) =>
      server
        .always('token')
        .transformJson((json) => ({ ...json, access_token: [json['access_token']] })),
    ),
  ],
  [
    'an unknown type of token',
    'unsupported_token_type',
    refresh(({ server }) =>
      server.always('token').transformJson((json) => ({ ...json, token_type: 'mac' })),
    ),
  ],
  [
    'a hook that returns nothing',
    'handler',
    ({ accounts, alice }) => {
      accounts.registerComplianceHook('refresh_token_request', () => undefined as never);
      return alice.refreshToken();
    },
  ],
  [
    'a hook that waits for itself',
    'reentrant_token_request',
    async ({ accounts, alice, server }) => {
      accounts.registerComplianceHook('refresh_token_request', async (request) => {
        await alice.accessToken();
        return request;
      });
      await alice.setToken({ ...server.issueTokens(), expires_in: -10 });
      return alice.accessToken();
    },
  ],
  ['an empty response', 'missing_token', ({ alice }) => alice.setToken({} as TokenResponse)],
  [
    'a revocation that fails',
    'token_endpoint',
    ({ alice, server }) => {
      server.always('revocation').respond(503);
      return alice.revokeToken();
    },
  ],
];

/** A store whose driver shows in its errors what it was asked. */
class TalkativeStore extends MemoryTokenStore implements TokenStore {
  broken = false;
  override async set(...parts: Parameters<TokenStore['set']>): Promise<void> {
    if (!this.broken) return super.set(...parts);
    const [, record] = parts;
    const cause = Object.assign(new Error('at the server'), { record });
    throw Object.assign(new Error('write failed', { cause }), { command: ['SET', record] });
  }
}

async function shows(call: Call, code: string, options: Partial<OAuthClientModuleOptions> = {}) {
  const application = await bootSecretive(options);
  const secrets = { ...(await application.secrets()), password: 'a-password', b: 'a-binding' };
  const error = await call(application).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(OAuthClientError);
  expect(error).toMatchObject({ code, name: expect.stringMatching(/Error$/) as string });
  expect(inspect(error)).toContain((error as Error).message);
  const after = { ...secrets, ...(await application.secrets()) };
  return leaks(error, { ...after, ...sent(application) });
}

/** Every code, verifier and token that came by. */
function sent({ server }: SecretiveApplication): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { sequence, form } of server.journal.requests('token')) {
    for (const name of ['code', 'code_verifier', 'refresh_token']) {
      const value = form.get(name);
      if (value !== null) found[`${name} of request ${sequence}`] = value;
    }
  }
  return found;
}

describe('an error of ours', () => {
  it.each(SITUATIONS)('shows no secret: %s', async (_what, code, call) => {
    expect(await shows(call, code)).toEqual([]);
  });

  it('shows no secret of a store whose errors do', async () => {
    const store = new TalkativeStore();
    const call: Call = ({ alice, server }) => {
      store.broken = true;
      return alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    };
    expect(await shows(call, 'token_store', { store })).toEqual([]);
  });

  it('keeps what a cause says, and nothing that it holds', async () => {
    const store = new TalkativeStore();
    const { alice, server } = await bootSecretive({ store });
    store.broken = true;
    const token = server.issueTokens({ subject: 'alice' });
    const error = await alice.setToken({ ...token }).catch((cause: unknown) => cause as Error);
    expect(error).toMatchObject({ cause: { message: 'write failed' } });
    expect(leaks(error, { token: token.access_token, refresh: token.refresh_token! })).toEqual([]);
  });
});
