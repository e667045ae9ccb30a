import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { writeKeyFile } from './key-file.js';

const email = 'robot@project.example';
const clientId = 'sample-04';

/** Starts an authorization server and an API, and makes a service account there. */
export async function startAcmeForThisSample() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = await FakeAuthorizationServer.start({
    clients: [{ clientId, scope: 'calendar:read' }],
    // Acme keeps the public half: an assertion that another key signed is refused.
    assertionKeys: { [email]: publicKey.export({ type: 'spki', format: 'pem' }) as string },
  });
  const { tokenEndpoint } = server;
  const keyFile = writeKeyFile({ email, clientId, privateKey, tokenEndpoint });
  const seen = new Set<unknown>();
  let told = 0;

  return {
    settings: { ACME_KEY_FILE: keyFile.path, ACME_API: server.apiUrl },
    /** The claims of the assertions that came since this was last asked. Never the assertions. */
    newClaims(): string[][] {
      const requests = server.journal.requests('token').slice(told);
      told += requests.length;
      return requests.map(({ form }) => claimsOf(form.get('assertion') ?? ''));
    },
    /** Access tokens are void before their time, as after a change of the account's rights. */
    endAccessTokens: () => server.expireAccessTokens(),
    async close(): Promise<void> {
      keyFile.remove();
      await server.stop();
    },
  };

  function claimsOf(assertion: string): string[] {
    const { alg } = decodeProtectedHeader(assertion);
    const { iat = 0, exp = 0, jti, aud, ...claims } = decodeJwt(assertion);
    const isNew = !seen.has(jti);
    seen.add(jti);
    return [
      `signed ${alg}`,
      ...Object.entries(claims).map(([name, value]) => `${name} ${String(value)}`),
      `aud ${aud === tokenEndpoint ? 'the token endpoint' : 'somebody else'}`,
      `exp iat + ${exp - iat} s`,
      `jti ${isNew ? 'never seen before' : 'seen before'}`,
    ];
  }
}
