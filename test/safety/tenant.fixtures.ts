import {
  OriginNotAllowedError,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthSession,
} from 'nestjs-oauth-client';
import { beforeEach, expect, vi } from 'vitest';
import { bootClients } from '../support/application.js';
import { selfSigned } from '../support/certificate.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost, type Host } from '../support/host.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';

export const authority = selfSigned('internal');
/** What the service inside answers. */
export const TOKEN = JSON.stringify({
  access_token: 'token',
  token_type: 'Bearer',
  expires_in: 3600,
});

/** A service inside, behind TLS that the client trusts, which whoever asks gets a token from. */
export const startInside = (): Promise<Host> =>
  startHost((_request, response) => response.end(TOKEN), authority);

/** The name of a tenant's choice, which its DNS says is this machine. */
export const rebound = ({ port }: Host): string => `https://rebound.example:${port}`;

/** The session of a tenant of this registration. */
export const resolve = async (
  tenant: OAuthClientOptions,
  more: Partial<OAuthClientModuleOptions> = {},
): Promise<OAuthSession> => {
  const transport = { ...everywhereHere, ...more.transport };
  const options = fromRegistrations(new Registrations({ tenant }), { ...more, transport });
  return (await bootClients(options)).resolve('tenant');
};

/** A registration whose servers are all at one origin. */
export const direct = (
  origin: string,
  more: Partial<OAuthClientOptions> = {},
): OAuthClientOptions => ({
  clientId: 'client',
  clientSecret: 'secret',
  grant: 'client_credentials',
  tokenEndpoint: `${origin}/token`,
  baseURL: origin,
  ...more,
  transport: { ca: authority.cert, ...more.transport },
});

/** Only what a test says is the environment's proxy; to be called at the top of a suite. */
export function withoutProxies(): void {
  beforeEach(() => {
    for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'NO_PROXY']) {
      vi.stubEnv(name, '');
    }
    return () => vi.unstubAllEnvs();
  });
}

/** Nothing was connected to, and the error shows no address. */
export const refused = async (asked: Promise<unknown> | (() => unknown), inside: Host) => {
  const error = await failure(asked, OriginNotAllowedError);
  expect(error.message).toMatch(
    /^OAuth client "tenant": The host rebound\.example .*allowedHosts/s,
  );
  expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('127.0.0.1');
  expect(inside.connections).toBe(0);
};
