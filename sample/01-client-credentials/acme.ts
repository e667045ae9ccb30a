import { randomBytes } from 'node:crypto';
import { startAcme } from '../acme/acme.js';

/** Starts Acme and registers this application there, as one would in a provider's console. */
export async function startAcmeForThisSample() {
  const clientId = 'sample-01';
  const clientSecret = randomBytes(32).toString('base64url');
  const acme = await startAcme({
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: 'invoices:read',
      },
    ],
  });
  return {
    settings: {
      ACME_ISSUER: acme.issuer,
      ACME_API: acme.apiUrl,
      ACME_ID: clientId,
      ACME_SECRET: clientSecret,
    },
    close: () => acme.close(),
  };
}
