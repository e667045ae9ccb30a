import type { AxiosInstance } from 'axios';

// As much of each as the benchmark uses: they are installed when it runs, and not when types are
// checked.

interface OpenidConfiguration {
  readonly isOpenidConfiguration: true;
}

interface OpenidClient {
  readonly Configuration: new (
    server: object,
    clientId: string,
    secret: string,
  ) => OpenidConfiguration;
  allowInsecureRequests(config: OpenidConfiguration): void;
  fetchProtectedResource(
    config: OpenidConfiguration,
    accessToken: string,
    url: URL,
    method: string,
  ): Promise<Response>;
  refreshTokenGrant(
    config: OpenidConfiguration,
    refreshToken: string,
  ): Promise<{ access_token: string; refresh_token?: string }>;
}

interface BadgatewayToken {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: number | null;
}

interface Badgateway {
  readonly OAuth2Client: new (settings: object) => object;
  readonly OAuth2Fetch: new (options: {
    client: object;
    getNewToken: () => null;
    getStoredToken: () => BadgatewayToken;
    scheduleRefresh: boolean;
  }) => { fetch(url: string): Promise<Response> };
}

interface AxiosAuthRefresh {
  createAuthRefresh(instance: AxiosInstance, refresh: () => Promise<void>): number;
}

interface SimpleToken {
  readonly token: Readonly<Record<string, unknown>>;
  expired(): boolean;
  refresh(): Promise<SimpleToken>;
}

interface SimpleOauth2 {
  readonly AuthorizationCode: new (options: object) => { createToken(token: object): SimpleToken };
}

/** The libraries that sessions are compared with. */
export interface Libraries {
  readonly openid: OpenidClient;
  readonly badgateway: Badgateway;
  readonly authRefresh: AxiosAuthRefresh;
  readonly simple: SimpleOauth2;
}

/** Loads them, installed as they have to be. */
export async function libraries(): Promise<Libraries> {
  const load = (name: string) => import(name) as Promise<unknown>;
  const simple = (await load('simple-oauth2')) as { default: SimpleOauth2 };
  return {
    openid: (await load('openid-client')) as OpenidClient,
    badgateway: (await load('@badgateway/oauth2-client')) as Badgateway,
    authRefresh: (await load('axios-auth-refresh')) as AxiosAuthRefresh,
    simple: simple.default,
  };
}
