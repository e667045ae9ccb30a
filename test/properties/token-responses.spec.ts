import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  AuthorizationRequiredError,
  OAuthClientError,
  OAuthClientModule,
  OAuthClientRegistry,
  TokenSet,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootApplication } from '../support/application.js';
import { startHost, type Host, type Received } from '../support/host.js';
import { leaks, lineOf, type Secrets } from '../support/leaks.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { TestClock } from '../support/test-clock.js';
import { holds } from './properties.js';
import { ANSWERED, answer, SAID_BACK, type Answer } from './token-responses.arbitraries.js';

const SECRET = 'client-secret-5vXc9Rb2';
const CODE = 'code-8sKw0LmZ4q';
const VERIFIER = 'verifier-2Tn6YcPfA0jUe5RgXo1Wb9Hd3Mk7Qz4LsVi8C';
const STORED = { access_token: 'stored-access-6JhT1x', refresh_token: 'stored-refresh-9PqB4z' };
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const SECRETS: Secrets = {
  'client secret': SECRET,
  'client credentials': Buffer.from(`client:${SECRET}`).toString('base64'),
  code: CODE,
  verifier: VERIFIER,
  'former access token': STORED.access_token,
  'former refresh token': STORED.refresh_token,
  'answered access token': ANSWERED.access_token,
  'answered refresh token': ANSWERED.refresh_token,
  'private key': lineOf(KEY),
};

let current: Answer = { status: 200, headers: {}, body: '' };
let host: Host;
let registry: OAuthClientRegistry;
let logger: RecordingLogger;
const clock = new TestClock();

beforeEach(async () => {
  host = await startHost((request, response) => {
    const { status, headers, body } = current;
    const said = typeof body === 'string' ? body.replaceAll(SAID_BACK, secretIn(request)) : body;
    response.writeHead(status, headers).end(said);
  });
  const base: OAuthClientOptions = {
    clientId: 'client',
    tokenEndpoint: `${host.origin}/token`,
    redirectUri: 'https://app.example/callback',
    refresh: { timeoutMs: 900 },
    allowInsecureHttp: true,
  };
  const clients: Record<string, OAuthClientOptions> = {
    basic: { ...base, clientSecret: SECRET },
    post: {
      ...base,
      clientSecret: SECRET,
      clientAuthentication: { method: 'client_secret_post' },
    },
    signing: { ...base, clientAuthentication: { method: 'private_key_jwt', key: KEY } },
    service: { ...base, grant: { type: 'jwt_bearer', issuer: 'me', audience: 'you', key: KEY } },
  };
  logger = new RecordingLogger();
  const application = await bootApplication(
    { imports: [OAuthClientModule.forRoot({ clients, clock })] },
    (builder) => builder.setLogger(logger),
  );
  registry = application.get(OAuthClientRegistry);
});

function secretIn({ body }: Received): string {
  const form = new URLSearchParams(body);
  const sent = ['client_secret', 'code_verifier', 'refresh_token', 'client_assertion', 'assertion'];
  return sent.map((name) => form.get(name)).find((value) => value !== null) ?? 'nothing';
}

/** A session that nobody has used before, and a way to ask for a token. */
const flows: Record<string, (run: number) => [OAuthSession, () => Promise<TokenSet>]> = {
  ...Object.fromEntries(
    ['basic', 'post', 'signing'].flatMap((name) => [
      [`refresh of ${name}`, (run: number) => refreshing(name, run)],
      [`code of ${name}`, (run: number) => exchanging(name, run)],
    ]),
  ),
  assertion: () => {
    const session = registry.get('service');
    return [session, () => session.fetchToken()];
  },
};

function refreshing(name: string, run: number): [OAuthSession, () => Promise<TokenSet>] {
  const session = registry.get(name).for(`user ${run}`);
  return [session, () => session.refreshToken()];
}

function exchanging(name: string, run: number): [OAuthSession, () => Promise<TokenSet>] {
  const session = registry.get(name).for(`user ${run}`);
  return [session, () => session.fetchToken({ code: CODE, codeVerifier: VERIFIER })];
}

/** The secrets that exist in every run, and the assertions of this one. */
function secretsNow(requestsBefore: number): Secrets {
  const sent: Record<string, string> = {};
  for (const request of host.requests.slice(requestsBefore)) {
    for (const name of ['assertion', 'client_assertion']) {
      const value = new URLSearchParams(request.body).get(name);
      if (value !== null) sent[name] = value;
    }
  }
  return { ...SECRETS, ...sent };
}

describe('whatever the token endpoint answers', () => {
  let run = 0;
  let fetched = 0;

  async function expectSafe(flow: string, answered: Answer): Promise<void> {
    current = answered;
    const before = host.requests.length;
    const [session, fetch] = flows[flow]!((run += 1));
    await session.setToken({ ...STORED, token_type: 'Bearer' });
    const outcome = await fetch().catch((error: unknown) => error);
    const secrets = secretsNow(before);
    expect(host.requests.length).toBeGreaterThan(before);
    const token = await session.token();
    const dead = outcome instanceof AuthorizationRequiredError;
    const kept = dead ? undefined : STORED.access_token;
    const isToken = outcome instanceof TokenSet;
    if (isToken) fetched += 1;
    expect(outcome).toSatisfy((one) => isToken || one instanceof OAuthClientError);
    expect(token?.accessToken).toBe(isToken ? outcome.accessToken : kept);
    expect(String(outcome).length).toBeLessThan(1_000);
    expect(leaks(outcome, secrets)).toEqual([]);
    expect(leaks([...logger.errors, ...logger.warnings], secrets)).toEqual([]);
    logger.errors.length = logger.warnings.length = 0;
    // Who was throttled or refused is left alone for a while: the next run is to ask again.
    clock.advance(1_000);
  }

  it('there is a token or an error of ours, nothing is shown, and a failure costs no token', async () => {
    const flow = fc.constantFrom(...Object.keys(flows));
    const property = fc.asyncProperty(flow, answer, expectSafe);
    await holds('token responses', property, { runs: 1_500 });
    expect(fetched).toBeGreaterThan(100);
    expect(fetched).toBeLessThan(run - 300);
  }, 60_000);
});
