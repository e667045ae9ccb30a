import type { OAuthClientModuleOptions, OAuthClientOptions } from 'nestjs-oauth-client';
import type { AppConfig, ClientName } from './app.config.js';
import { visitorOf } from './visitors/visitor.middleware.js';

/** Two clients that act for people, and one that acts for the application itself. */
export function oauthConfig(config: AppConfig): OAuthClientModuleOptions {
  const acme = (client: ClientName): OAuthClientOptions => ({
    issuer: config.issuer, // the endpoints are discovered
    clientId: client,
    clientSecret: config.secrets[client],
    baseURL: config.apiUrl,
    allowInsecureHttp: true, // everything runs on this machine; never do this across a network
  });

  const actingForPeople = (client: ClientName): OAuthClientOptions => ({
    ...acme(client),
    authorizationParams: { prompt: 'consent' }, // let people see what they agree to, each time
  });

  return {
    routes: { origin: config.origin }, // /oauth/:client/authorize, callback, disconnect
    subject: (request) => visitorOf(request).id, // whose tokens a request is about
    clients: {
      'acme-files': { ...actingForPeople('acme-files'), scope: ['files:read'] },
      'acme-mail': {
        ...actingForPeople('acme-mail'),
        // Some providers answer by a form that their page posts to us, across sites: no difference.
        authorizationParams: { prompt: 'consent', response_mode: 'form_post' },
        scope: ['mail:read'],
      },
      'acme-billing': {
        ...acme('acme-billing'),
        grant: 'client_credentials',
        scope: ['invoices:read'],
      },
    },
  };
}
