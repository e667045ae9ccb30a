import type { Observable } from 'rxjs';
import { MissingCodeError } from '../errors/authorization.errors.js';
import { MissingTokenError } from '../errors/token.errors.js';
import {
  DEVICE_GRANT_TYPE,
  deviceAuthorization,
  type DeviceAuthorization,
} from '../pipeline/device-authorization.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { authorizationCodeRequest, userGrantRequest } from '../pipeline/grant-request.js';
import { demandBearer } from '../pipeline/token-type.js';
import type { TokenResponse } from '../protocol/token-record.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientRuntime } from './client-runtime.js';
import { credentialsMissing } from './fetch-token.checks.js';
import type { FetchTokenOptions } from './session.options.js';

/** What a callback's fragment may carry beside the token, and is no part of a token response. */
const OF_THE_RESPONSE = ['state', 'iss'];

/** The token of a code, or of a name and password, that the application has at hand. */
export async function tokenInExchange(
  { exchange, settings, flow }: ClientRuntime,
  binding: GrantBinding,
  options: FetchTokenOptions,
): Promise<TokenSet> {
  const { code, codeVerifier, redirectUri, username, password, state, binding: browser } = options;
  const { name: client } = settings;
  const scope = binding.variant?.scope ?? settings.scope;
  if (settings.grant === 'password') {
    if (username === undefined || password === undefined) throw credentialsMissing(client);
    const params = { username, password };
    return exchange.exchange(
      binding,
      userGrantRequest(settings, 'password', params, scope, options),
    );
  }
  if (code === undefined) throw new MissingCodeError({ client });
  const record = state === undefined ? undefined : await flow.take(binding, state, browser);
  return exchange.exchange(
    binding,
    authorizationCodeRequest(settings, {
      code,
      scope: record?.scope ?? scope,
      nonce: record?.nonce,
      codeVerifier: codeVerifier ?? record?.codeVerifier,
      redirectUri: redirectUri ?? record?.redirectUri ?? settings.redirectUri,
      options,
    }),
  );
}

/** The token in the fragment of an implicit grant's callback. RFC 6749, section 4.2.2. */
export async function tokenOfFragment(
  { flow, exchange, settings }: ClientRuntime,
  binding: GrantBinding,
  authorizationResponse: string,
  browser: string | undefined,
): Promise<TokenSet> {
  const { record, response } = await flow.judge(binding, authorizationResponse, browser, false);
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
  const answer = Object.entries(fields).filter(([name]) => !OF_THE_RESPONSE.includes(name));
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
  const scope = binding.variant?.scope ?? settings.scope;
  return deviceAuthorization(parts, binding, (params) =>
    exchange.attempt(binding, userGrantRequest(settings, DEVICE_GRANT_TYPE, params, scope)),
  );
}
