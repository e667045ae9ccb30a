import type { ClientMetadata } from 'oidc-provider';
import { startAuthorizationServer } from './authorization-server.js';
import { startProtectedApi } from './protected-api.js';
import type { Counts } from './tally.js';

export interface AcmeOptions {
  clients: ClientMetadata[];
  ports?: { authorizationServer?: number; api?: number };
  /** How long an access token lives. Default 60. */
  accessTokenSeconds?: number;
}

export interface AcmeCounters {
  /** Requests at the token endpoint: client → grant → how many. */
  tokenRequests: Counts;
  /** The API's answers: path → status → how many. */
  answers: Counts;
}

export interface Acme {
  issuer: string;
  apiUrl: string;
  counters(): AcmeCounters;
  close(): Promise<void>;
}

/** The other side: a company with accounts, an authorization server and an API, on this machine. */
export async function startAcme({
  clients,
  ports = {},
  accessTokenSeconds = 60,
}: AcmeOptions): Promise<Acme> {
  const server = await startAuthorizationServer({
    port: ports.authorizationServer ?? 4001,
    accessTokenSeconds,
    clients,
  });
  const api = await startProtectedApi(ports.api ?? 4002, server.provider);
  return {
    issuer: server.issuer,
    apiUrl: api.url,
    counters: () => ({ tokenRequests: server.tokenRequests(), answers: api.answers() }),
    close: async () => {
      await api.close();
      await server.close();
    },
  };
}
