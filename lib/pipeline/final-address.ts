import type { AxiosResponse } from 'axios';
import type { TokenSet } from '../protocol/token-set.js';
import type { TokenPlacement } from './client-settings.js';
import { withoutPlacedToken } from './token-placement.js';

/** Where an answer came from in the end, which an axios response does not say. */
export interface FinalAddress {
  /** The address, without a token in its query. */
  readonly url: string;
  readonly redirected: boolean;
}

const addresses = new WeakMap<AxiosResponse, FinalAddress>();

/** Keeps where an answer came from, for as long as there is the answer. */
export function rememberAddress(response: AxiosResponse, address: FinalAddress): void {
  addresses.set(response, address);
}

/** The address without the token, by whatever name a hook or the API has put it there. */
export function withoutToken(url: URL, placement: TokenPlacement, token: TokenSet): URL {
  const named = withoutPlacedToken(url, placement);
  for (const [name, value] of [...named.searchParams]) {
    if (value === token.accessToken) named.searchParams.delete(name, value);
  }
  return named;
}

/** Where an answer came from, where that was kept. */
export function finalAddress(response: AxiosResponse): FinalAddress | undefined {
  return addresses.get(response);
}
