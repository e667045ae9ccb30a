import { randomBytes } from 'node:crypto';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';

const clientId = 'sample-05';

/** How long the first token lives, so that nobody has to wait long for its end. */
const FIRST_TOKEN_SECONDS = 1;

/** Starts an authorization server and an API, and registers this application there. */
export async function startAcmeForThisSample(origin: string) {
  const clientSecret = randomBytes(32).toString('base64url');
  const redirectUri = `${origin}/callback`;
  const server = await FakeAuthorizationServer.start({
    clients: [{ clientId, clientSecret, redirectUris: [redirectUri], scope: 'files:read' }],
    // A refresh token works once. Who spends it a second time ends the connection, for everybody.
    rotation: 'strict',
    accessTokenSeconds: FIRST_TOKEN_SECONDS,
  });

  return {
    settings: {
      ACME_ID: clientId,
      ACME_SECRET: clientSecret,
      ACME_AUTHORIZE: server.authorizationEndpoint,
      ACME_TOKEN: server.tokenEndpoint,
      ACME_REDIRECT: redirectUri,
      ACME_API: server.apiUrl,
    },
    /** The browser of a person who says yes; where Acme sends it back to. */
    consent: (url: string, subject: string) => server.authorize(url, { subject }),
    /** Resolves once that token has ended. */
    firstTokenEnds: () =>
      new Promise((resolve) => setTimeout(resolve, FIRST_TOKEN_SECONDS * 1000 + 100)),
    /** From now on tokens live for an hour, and what arrives is counted. */
    beginCount(): void {
      server.configure({ accessTokenSeconds: 3600 });
      server.journal.clear();
    },
    /** Token requests, and the API's answers: what Acme counted, whatever the replicas believe. */
    counted: () => ({
      tokenRequests: server.journal.tokenRequests().length,
      served: server.journal.apiCalls(200).length,
      refused: server.journal.apiCalls().length - server.journal.apiCalls(200).length,
    }),
    close: () => server.stop(),
  };
}
