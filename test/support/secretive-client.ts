import type { TestingModule } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { bootApplication, startServer, userClient } from './application.js';
import { selfSigned } from './certificate.js';
import { lineOf, type Secrets } from './leaks.js';

/** An application whose clients have every kind of secret, a user connected at one of them. */
export interface SecretiveApplication {
  readonly server: FakeAuthorizationServer;
  readonly application: TestingModule;
  /** The callback that was completed, and what came of it. */
  readonly completed: object;
  /** The session of the client `accounts`. */
  readonly accounts: OAuthSession;
  /** The session of its user `alice`, who has connected. */
  readonly alice: OAuthSession;
  /** Every secret there is by now. */
  secrets(): Promise<Secrets>;
}

const CLIENT_SECRET = 'client-secret-5vXc9';
const PASSPHRASE = 'passphrase-81kWq';
/** The password of a proxy that a call may name. */
export const PROXY_PASSWORD = 'proxy-password-3hGd';
const BINDING = 'browser-binding-77Zt';
const OWN = selfSigned('client', PASSPHRASE);
const AUTHORITY = selfSigned('server');

/** What the client connects with: certificate, private key and passphrase. */
export const SECRET_TRANSPORT = {
  ca: AUTHORITY.cert,
  cert: OWN.cert,
  key: OWN.key,
  passphrase: PASSPHRASE,
};

/** Boots it, over TLS with a client certificate; nothing is mocked. */
export async function bootSecretive(
  more: Partial<OAuthClientModuleOptions> = {},
): Promise<SecretiveApplication> {
  const server = await startServer({
    tls: AUTHORITY,
    clients: [{ clientId: 'client', clientSecret: CLIENT_SECRET }],
  });
  const options: OAuthClientOptions = {
    ...userClient(server),
    clientSecret: CLIENT_SECRET,
    revocationEndpoint: server.revocationEndpoint,
    scope: ['openid', 'read'],
    transport: SECRET_TRANSPORT,
    allowInsecureHttp: false,
  };
  const clients = { accounts: options };
  const application = await bootApplication({
    imports: [OAuthClientModule.forRoot({ transport: { proxy: false }, ...more, clients })],
  });
  const accounts = application.get(OAuthClientRegistry).get('accounts');
  const { url, state } = await accounts.for('alice').authorizationUrl({ binding: BINDING });
  const authorizationResponse = await server.authorize(url, { subject: 'alice' });
  const completed = await accounts.completeAuthorization({
    authorizationResponse,
    binding: BINDING,
  });
  const alice = accounts.for('alice');
  const first = (await alice.token())!;
  const code = new URL(authorizationResponse).searchParams.get('code')!;
  const exchange = server.journal.requests('token').at(-1)!;
  return {
    server,
    application,
    completed,
    accounts,
    alice,
    secrets: async () => {
      const token = (await alice.token()) ?? first;
      return {
        'client secret': CLIENT_SECRET,
        'client credentials': Buffer.from(`client:${CLIENT_SECRET}`).toString('base64'),
        passphrase: PASSPHRASE,
        'proxy password': PROXY_PASSWORD,
        'private key': lineOf(OWN.key),
        binding: BINDING,
        state,
        code,
        verifier: exchange.form.get('code_verifier')!,
        'first access token': first.accessToken,
        'first refresh token': first.refreshToken!,
        'access token': token.accessToken,
        'refresh token': token.refreshToken!,
        'ID token': String(first.raw['id_token']),
      };
    },
  };
}
