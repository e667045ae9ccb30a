import type { AuthorizationUrlOptions, OAuthSession, TokenSet } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer, FakeAuthorizeOptions } from 'nestjs-oauth-client/testing';

/** How a flow goes on its way to the callback. */
export interface FlowOptions extends AuthorizationUrlOptions {
  /** What the user does at the server. */
  user?: FakeAuthorizeOptions;
  /** What happens to the callback URL on its way back. */
  change?: (url: URL) => void;
}

/** The callback URL of a flow that a session begins and a user at the server ends. */
export async function callbackOf(
  session: OAuthSession,
  server: FakeAuthorizationServer,
  { user, change, ...options }: FlowOptions = {},
): Promise<string> {
  const { url } = await session.authorizationUrl(options);
  const callback = new URL(await server.authorize(url, user));
  change?.(callback);
  return callback.href;
}

/** Connects the subject of a session, all the way; returns the token. */
export async function authorize(
  session: OAuthSession,
  server: FakeAuthorizationServer,
  options: FlowOptions = {},
): Promise<TokenSet> {
  const authorizationResponse = await callbackOf(session, server, options);
  const { binding } = options;
  const given = { authorizationResponse, ...(binding !== undefined && { binding }) };
  return (await session.completeAuthorization(given)).token;
}
