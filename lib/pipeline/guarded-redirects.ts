import type { InternalAxiosRequestConfig } from 'axios';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { parseUrl } from '../protocol/url.js';
import type { AddressGuard } from './address-guard.js';
import { guardedLookup } from './guarded-lookup.js';
import { fullAddress } from './request-target.js';
import type { Connection } from './transport.js';

/**
 * How to connect for a request that axios sends as it is; each redirect, which axios follows by
 * itself, is judged like the address before it.
 *
 * @param changes - What is changed of the config for this flight.
 */
export function guardedAsIs(
  guard: AddressGuard,
  config: InternalAxiosRequestConfig,
  changes: Partial<InternalAxiosRequestConfig>,
  connection: Connection,
): Connection {
  const url = parseUrl(fullAddress(config));
  if (!url) {
    throw new ConfigurationError({
      client: guard.client,
      problem: 'The address of a request is not a full one.',
      remedy: 'Set baseURL, or call a full address such as https://host/path.',
    });
  }
  // The address that is judged is the one that is sent.
  changes.url = url.href;
  changes.baseURL = undefined as never;
  changes.beforeRedirect = (options: Record<string, unknown>) => {
    const { lookup } = guard.connection(new URL(String(options['href'])), connection);
    if (lookup) options['lookup'] = guardedLookup(lookup, () => undefined);
    else delete options['lookup'];
  };
  return guard.connection(url, connection);
}
