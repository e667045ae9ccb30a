import type { AxiosResponse } from 'axios';

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

/** Where an answer came from, where that was kept. */
export function finalAddress(response: AxiosResponse): FinalAddress | undefined {
  return addresses.get(response);
}
