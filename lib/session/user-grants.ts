import type { Observable } from 'rxjs';
import { MissingCodeError } from '../errors/authorization.errors.js';
import { MissingTokenError } from '../errors/token.errors.js';
import {
  DEVICE_GRANT_TYPE,
  deviceAuthorization,
  type DeviceAuthorization,
} from '../pipeline/device-authorization.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import {
  authorizationCodeRequest,
  userGrantRequest,
  type GrantRequest,
  type TokenRequestOptions,
} from '../pipeline/grant-request.js';
import { demandBearer } from '../pipeline/token-type.js';
import type { TokenResponse } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { AuthorizationRequestRecord } from '../store/authorization-request-store.js';
import { signedInSince, type JudgedCallback } from './authorization-callback.js';
import { demandVerifier } from './authorization-params.js';
import type { ClientRuntime } from './client-runtime.js';
import { credentialsMissing, frontChannelSkipped, notByFetchToken } from './fetch-token.checks.js';
import type { CompleteAuthorizationOptions, FetchTokenOptions } from './session.options.js';

/**
 * What a callback's fragment may carry and a token must not take over: what is of the response, a
 * refresh token (RFC 6749, section 4.2.2), and an ID token that nobody has verified.
 */
const NOT_OF_THE_TOKEN = ['state', 'iss', 'refresh_token', 'id_token'];

/** The token of a code, or of a name and password, that the application has at hand. */
export async function tokenInExchange(
  { exchange, settings, flow }: ClientRuntime,
  binding: GrantBinding,
  options: FetchTokenOptions,
): Promise<TokenSet> {
  const { code, codeVerifier, redirectUri, username, password, state, binding: browser } = options;
  const { name: client, grant } = settings;
  exchange.demandReady(binding);
  if (grant === 'password') {
    if (username === undefined || password === undefined) throw credentialsMissing(client);
    const params = { username, password };
    return exchange.exchange(
      binding,
      userGrantRequest(settings, 'password', params, binding.variant, options),
    );
  }
  if (grant !== 'authorization_code') throw notByFetchToken(client, grant);
  if (code === undefined) throw new MissingCodeError({ client });
  if (settings.responseType !== 'code') throw frontChannelSkipped(client);
  demandVerifier(client, codeVerifier);
  const record = state === undefined ? undefined : await flow.take(binding, state, browser);
  const asked = record ? ofFlow(binding.client, record) : binding;
  return exchange.exchange(
    asked,
    authorizationCodeRequest(settings, {
      code,
      scope: record?.scope ?? binding.variant?.scope ?? settings.scope,
      variant: asked.variant,
      nonce: record?.nonce,
      signedInSince: record && signedInSince(record),
      codeVerifier: codeVerifier ?? record?.codeVerifier,
      redirectUri: redirectUri ?? record?.redirectUri ?? settings.redirectUri,
      options,
    }),
  );
}

/** The token of a callback, and whose it is: what the flow was begun for. */
export async function tokenOfCallback(
  { exchange, settings, flow }: ClientRuntime,
  session: GrantBinding,
  { authorizationResponse, binding: browser, ...options }: CompleteAuthorizationOptions,
): Promise<{ token: TokenSet; binding: GrantBinding; returnTo: string | undefined }> {
  exchange.demandReady(session);
  const anySubject = session.subject === '' && !settings.shared;
  const judged = await flow.judge(session, authorizationResponse, browser, anySubject);
  const { record } = judged;
  const { returnTo } = record;
  const binding = ofFlow(session.client, record);
  const token = await exchange.exchange(binding, codeOfCallback(settings, judged, options));
  return { token, binding, returnTo };
}

/** The token request that a good callback leads to. */
export function codeOfCallback(
  settings: ClientSettings,
  { record, response: { code }, former }: JudgedCallback,
  options: TokenRequestOptions,
): GrantRequest {
  const { scope, nonce, codeVerifier, redirectUri, variant } = record;
  if (code === undefined) throw new MissingCodeError({ client: settings.name });
  return authorizationCodeRequest(settings, {
    code,
    redirectUri,
    codeVerifier,
    nonce,
    former,
    signedInSince: signedInSince(record),
    scope,
    variant,
    options,
  });
}

/** The token in the fragment of an implicit grant's callback. RFC 6749, section 4.2.2. */
export async function tokenOfFragment(
  { flow, exchange, settings }: ClientRuntime,
  session: GrantBinding,
  authorizationResponse: string,
  browser: string | undefined,
): Promise<TokenSet> {
  exchange.demandReady(session);
  const { record, response } = await flow.judge(session, authorizationResponse, browser, false);
  const binding = ofFlow(session.client, record);
  const { fields = {} } = response;
  if (!fields['access_token']) {
    throw new MissingTokenError({
      client: settings.name,
      subject: binding.subject,
      problem: 'The fragment of the callback holds no access_token.',
      remedy: 'Pass the full callback URL, its fragment included.',
    });
  }
  demandBearer(
    { tokenType: fields['token_type'] ?? 'Bearer' },
    binding,
    'Ask the provider for Bearer tokens.',
  );
  const answer = Object.entries(fields).filter(([name]) => !NOT_OF_THE_TOKEN.includes(name));
  return exchange.accept(
    binding,
    { response: Object.fromEntries(answer) as TokenResponse, claims: undefined },
    { scope: record.scope },
  );
}

/** The steps of a device authorization. RFC 8628. */
export function tokenOfDevice(
  { parts, exchange, settings }: ClientRuntime,
  binding: GrantBinding,
): Observable<DeviceAuthorization> {
  const { variant } = binding;
  const device = exchange.device(binding, (params) =>
    userGrantRequest(settings, DEVICE_GRANT_TYPE, params, variant),
  );
  return exchange.whileOpen$(binding, () => deviceAuthorization(parts, binding, device));
}

/** Whose token a flow was begun for. */
function ofFlow(client: string, { subject, variant }: AuthorizationRequestRecord): GrantBinding {
  return new GrantBinding(client, subject, variant);
}
