import { randomBytes } from 'node:crypto';
import { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';

/** How long one token request takes, so that all calls of a burst come to wait for it. */
const SLOW_MS = 300;

/** Starts two authorization servers with an API each: one is to go down, and the other one not. */
export async function startAcmeForThisSample() {
  const clientId = 'sample-07';
  const clientSecret = randomBytes(32).toString('base64url');
  const clients = [{ clientId, clientSecret }];
  const files = await FakeAuthorizationServer.start({ clients });
  const billing = await FakeAuthorizationServer.start({ clients });

  return {
    settings: {
      ACME_ID: clientId,
      ACME_SECRET: clientSecret,
      FILES_ISSUER: files.issuer,
      FILES_API: files.apiUrl,
      BILLING_ISSUER: billing.issuer,
      BILLING_API: billing.apiUrl,
    },
    /** The browser of a person who says yes; where it is sent back to. */
    consent: (url: string, subject: string) => files.authorize(url, { subject }),
    /** Ada's token is void before its time; so many calls hear of it at once. */
    async endFilesTokens(calls: number): Promise<void> {
      files.expireAccessTokens();
      const waiting = files.next('api').times(calls).hold();
      files.next('token').delay(SLOW_MS);
      await waiting.arrivals(calls);
      waiting.release();
    },
    /** Void tokens, and 503 to whoever asks for another. The API goes on. */
    billingGoesDown(): void {
      billing.expireAccessTokens();
      billing.always('token').respond(503);
    },
    billingComesBack: () => billing.reset('token'),
    close: async () => {
      await files.stop();
      await billing.stop();
    },
  };
}

export type Acme = Awaited<ReturnType<typeof startAcmeForThisSample>>;
