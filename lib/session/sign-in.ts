import { GrantBinding } from '../pipeline/grant-binding.js';
import type { UserInfo } from '../pipeline/userinfo-endpoint.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { AuthorizationUrlOptions } from './authorization-flow.js';
import type { ClientRuntime } from './client-runtime.js';
import { codeOfCallback } from './user-grants.js';

/** A callback that was exchanged and stored nowhere yet: whose it is, the application says. */
export interface ObtainedSignIn {
  readonly token: TokenSet;
  readonly returnTo: string | undefined;
  /** What the server says of the user, asked with the fresh token. */
  readonly userInfo: () => Promise<UserInfo>;
  /** Stores the token as this subject's. */
  readonly keep: (subject: string) => Promise<TokenSet>;
  /** Revokes it in the background. */
  readonly discard: () => void;
}

/**
 * Begins a flow that is to tell who the user is. Neither `completeAuthorization()` takes its
 * callback, nor is theirs taken here.
 *
 * @param subject - Who is signed in already; `''` for nobody.
 */
export async function beginSignIn(
  { flow, settings, exchange }: ClientRuntime,
  subject: string,
  options: AuthorizationUrlOptions,
): Promise<{ url: string; state: string }> {
  const binding = new GrantBinding(settings.name, subject);
  exchange.demandReady(binding);
  return flow.begin(binding, options, 'sign_in');
}

/** Judges the callback of such a flow and exchanges its code. */
export async function obtainSignIn(
  { flow, settings, exchange, parts }: ClientRuntime,
  subject: string,
  authorizationResponse: string,
  browser: string | undefined,
): Promise<ObtainedSignIn> {
  const binding = new GrantBinding(settings.name, subject);
  exchange.demandReady(binding);
  const judged = await flow.judge(binding, authorizationResponse, browser, false, 'sign_in');
  const grant = codeOfCallback(settings, judged, {});
  const { token, keep, discard } = await exchange.obtain(binding, grant);
  const asIs = { token: async () => token, afterRejection: async () => undefined };
  return {
    token,
    returnTo: judged.record.returnTo,
    userInfo: () => parts.userinfo.claims(binding, asIs, token.claims?.sub),
    keep: (owner) => keep(new GrantBinding(settings.name, owner)),
    discard,
  };
}
