import type { ClientMetadata } from 'oidc-provider';
import { clientNames, type AppConfig, type ClientName } from './app.config.js';

const titles: Record<ClientName, string> = {
  'acme-files': 'Connect Accounts (files)',
  'acme-mail': 'Connect Accounts (mail)',
  'acme-billing': 'Connect Accounts (billing)',
};

/** What one would type into the provider's developer console. */
export function registration({
  origin,
  secrets,
}: Pick<AppConfig, 'origin' | 'secrets'>): ClientMetadata[] {
  return clientNames.map((client) => ({
    client_id: client,
    client_secret: secrets[client],
    client_name: titles[client],
    ...(client === 'acme-billing' ? forItself : forPeople(`${origin}/oauth/${client}/callback`)),
  }));
}

const forItself: Partial<ClientMetadata> = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  scope: 'invoices:read',
};

function forPeople(redirectUri: string): Partial<ClientMetadata> {
  return {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [redirectUri],
  };
}
