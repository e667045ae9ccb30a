import axios, { type AxiosRequestConfig } from 'axios';
import type { Tokens } from '../server.messages.js';
import { PATH } from '../resource.js';
import type { Libraries } from './libraries.js';

/** Something that makes calls with a token of one grant, and may know how to renew it. */
export interface TokenUser {
  readonly name: string;
  /** Gives it tokens that were obtained so many seconds ago. */
  give(tokens: Tokens, ageSeconds: number): void | Promise<void>;
  /** One call; rejects unless it is answered 200 in the end. */
  call(): Promise<unknown>;
}

const CLIENT = { id: 'bench', secret: 'secret' };

/** The peers, each used as its own documentation has it. */
export function peers(
  { openid, badgateway, authRefresh, simple }: Libraries,
  baseURL: string,
  config: AxiosRequestConfig,
): TokenUser[] {
  return [
    withAuthRefresh(authRefresh, baseURL, config),
    withSimpleOauth2(simple, baseURL, config),
    withOpenidClient(openid, baseURL),
    withBadgateway(badgateway, baseURL),
  ];
}

function withAuthRefresh(
  { createAuthRefresh }: Libraries['authRefresh'],
  baseURL: string,
  config: AxiosRequestConfig,
): TokenUser {
  let tokens: Tokens;
  const instance = axios.create(config);
  instance.interceptors.request.use((request) => {
    request.headers['Authorization'] = `Bearer ${tokens.access_token}`;
    return request;
  });
  createAuthRefresh(instance, async () => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
    });
    tokens = (await axios.post<Tokens>(`${baseURL}/token`, body, { ...config, baseURL })).data;
  });
  return {
    name: 'axios-auth-refresh',
    give: (given) => void (tokens = given),
    call: () => instance.get(PATH),
  };
}

function withSimpleOauth2(
  { AuthorizationCode }: Libraries['simple'],
  baseURL: string,
  config: AxiosRequestConfig,
): TokenUser {
  const instance = axios.create(config);
  const client = new AuthorizationCode({
    client: CLIENT,
    auth: { tokenHost: baseURL, tokenPath: '/token' },
  });
  let accessToken: ReturnType<typeof client.createToken>;
  return {
    name: 'simple-oauth2 with axios',
    give: (tokens, age) => {
      const expires_at = new Date(Date.now() + (tokens.expires_in - age) * 1000);
      accessToken = client.createToken({ ...tokens, expires_at });
    },
    call: async () => {
      if (accessToken.expired()) accessToken = await accessToken.refresh();
      const Authorization = `Bearer ${accessToken.token['access_token'] as string}`;
      return instance.get(PATH, { headers: { Authorization } });
    },
  };
}

function withOpenidClient(openid: Libraries['openid'], baseURL: string): TokenUser {
  const metadata = { issuer: baseURL, token_endpoint: `${baseURL}/token` };
  const config = new openid.Configuration(metadata, CLIENT.id, CLIENT.secret);
  openid.allowInsecureRequests(config);
  const url = new URL(PATH, baseURL);
  let tokens: { access_token: string; refresh_token?: string };
  let endsAt = 0;
  return {
    name: 'openid-client (fetch)',
    give: (given, age) => {
      tokens = given;
      endsAt = Date.now() + (given.expires_in - age) * 1000;
    },
    call: async () => {
      if (endsAt <= Date.now()) {
        tokens = await openid.refreshTokenGrant(config, tokens.refresh_token!);
        endsAt = Number.POSITIVE_INFINITY;
      }
      return answerOf(await openid.fetchProtectedResource(config, tokens.access_token, url, 'GET'));
    },
  };
}

function withBadgateway(
  { OAuth2Client, OAuth2Fetch }: Libraries['badgateway'],
  baseURL: string,
): TokenUser {
  const client = new OAuth2Client({
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    tokenEndpoint: `${baseURL}/token`,
  });
  let wrapped: { fetch(url: string): Promise<Response> };
  return {
    name: '@badgateway/oauth2-client (fetch)',
    give: (tokens, age) => {
      const token = {
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        expiresAt: Date.now() + (tokens.expires_in - age) * 1000,
      };
      wrapped = new OAuth2Fetch({
        client,
        getNewToken: () => null,
        getStoredToken: () => token,
        scheduleRefresh: false,
      });
    },
    call: async () => answerOf(await wrapped.fetch(baseURL + PATH)),
  };
}

/** The body, read and parsed as axios does; an answer that is no 200 is an error. */
export async function answerOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  return body;
}
