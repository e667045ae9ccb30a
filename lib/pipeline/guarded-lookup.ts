import { lookup as dnsLookup, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { types } from 'node:util';
import type { LookupAddressEntry } from 'axios';
import type { TransportOptions } from './transport.js';

/** A `lookup` as an application may give it: axios takes both. */
export type GivenLookup = NonNullable<TransportOptions['lookup']>;

type Answer = (
  error: Error | null,
  address: string | LookupAddressEntry[],
  family?: LookupAddressEntry['family'],
) => void;

/** A `lookup` that answers by callback. */
export type AnsweringLookup = (hostname: string, options: object, answer: Answer) => void;

/**
 * A `lookup` whose every answer is judged before a socket connects to it, so that what is judged is
 * what is connected to: a name that resolves differently the next time gains nothing.
 *
 * @param judge - Says what is wrong with the addresses of a name, if anything is.
 */
export function guardedLookup(
  given: GivenLookup | undefined,
  judge: (addresses: readonly string[], hostname: string) => Error | undefined,
): AnsweringLookup {
  return (hostname, options, answer) => {
    void resolve(given ?? (dnsLookup as GivenLookup), hostname, options)
      .then((found) => {
        const addresses = found.map(({ address }) => address);
        return { found, error: judge(addresses, hostname) };
      })
      .catch((error: unknown) => ({ found: [], error: asError(error) }))
      .then(({ found: [first, ...more], error }) => {
        const missing = first ? undefined : new Error('The name has no address.');
        const failure = error ?? missing;
        if (failure || !first) return answer(failure ?? null, []);
        // Sockets that try several addresses ask for all of them.
        if ((options as LookupOptions).all) return answer(null, [first, ...more]);
        return answer(null, first.address, first.family);
      });
  };
}

/** Asks by callback or by promise, as axios does, and brings every form of answer into one. */
async function resolve(
  given: GivenLookup,
  hostname: string,
  options: object,
): Promise<LookupAddressEntry[]> {
  const asked = { ...options, all: true };
  const [found] = await new Promise<readonly unknown[]>((settle, reject) => {
    const ask = given as (...asked: unknown[]) => unknown;
    const answer = (error: unknown, ...values: unknown[]) =>
      error ? reject(asError(error)) : settle(values);
    if (!types.isAsyncFunction(given)) return void ask(hostname, asked, answer);
    const answered = ask(hostname, asked) as Promise<unknown>;
    answered.then((value) => answer(null, ...(Array.isArray(value) ? value : [value])), reject);
  });
  const entries: unknown[] = Array.isArray(found) ? found : [found];
  return entries.map((entry) => entryOf(entry));
}

function entryOf(entry: unknown): LookupAddressEntry {
  const named = (typeof entry === 'object' && entry !== null ? entry : { address: entry }) as {
    address?: unknown;
  };
  const address = String(named.address);
  const family = isIP(address);
  return { address, ...((family === 4 || family === 6) && { family }) };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The name could not be resolved.');
}
