import type { TokenSet } from 'nestjs-oauth-client';
import type { Account } from './accounts.js';

export type ConnectionState = 'connected' | 'expired' | 'not-connected' | 'needs-reconnect';

/** What a page may know of a connection: everything but the tokens. */
export interface ConnectionView extends Account {
  state: ConnectionState;
  scopes: readonly string[];
  /** Seconds from now. */
  expiresIn?: number;
}

export function connectionView(
  account: Account,
  token: TokenSet | undefined,
  lost: boolean,
): ConnectionView {
  const expiresIn = token?.expiresAt && token.expiresAt - Date.now() / 1000;
  return {
    ...account,
    state: state(token, lost),
    scopes: token?.scope ?? [],
    ...(expiresIn !== undefined && { expiresIn }),
  };
}

function state(token: TokenSet | undefined, lost: boolean): ConnectionState {
  if (!token) return lost ? 'needs-reconnect' : 'not-connected';
  return token.isExpired() ? 'expired' : 'connected';
}
