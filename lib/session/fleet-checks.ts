import { DiscoveryError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { waitWithin } from '../pipeline/patience.js';
import { walk } from './bounded-walk.js';
import type { ClientDirectory } from './client-directory.js';
import { fleetOptions } from './fleet-options.js';

/** What `registry.checkServers()` may be told. */
export interface ServerCheckOptions {
  /** Only these clients; all when left out. */
  clients?: readonly string[];
  /** Milliseconds to wait for all of them together. */
  timeoutMs?: number;
  /** An answer, and a failure, is good for so many seconds: nothing is asked meanwhile. */
  maxAgeSeconds?: number;
}

/** The defaults of {@link ServerCheckOptions}, stated here alone. */
export const SERVER_CHECK_DEFAULTS = { timeoutMs: 1_000, maxAgeSeconds: 60 };

/** What `registry.checkStore()` may be told. */
export interface StoreCheckOptions {
  /** Milliseconds to wait for the store. */
  timeoutMs?: number;
}

/** The defaults of {@link StoreCheckOptions}, stated here alone. */
export const STORE_CHECK_DEFAULTS = { timeoutMs: 1_000 };

/** Whether the authorization server of a client answers. */
export interface ServerCheck {
  /** The client's name. */
  readonly client: string;
  /** The issuer, where it is known. */
  readonly issuer?: string;
  /** Why its metadata could not be read; absent when they could. */
  readonly error?: OAuthClientError;
}

/** How many servers are asked at a time. */
const CONCURRENCY = 10;
/** A key that no client has: what is asked for is whether there is an answer. */
const NOBODY = { client: 'nestjs-oauth-client:check', subject: '' };

/** Asks authorization servers and the store whether they are there. */
export class FleetChecks {
  readonly #directory: ClientDirectory;

  constructor(directory: ClientDirectory) {
    this.#directory = directory;
  }

  async servers(given: ServerCheckOptions): Promise<ServerCheck[]> {
    const about = { defaults: SERVER_CHECK_DEFAULTS, others: ['clients'] as const };
    const options = fleetOptions('checkServers', given, about);
    const { timeoutMs, maxAgeSeconds } = options;
    const names = options.clients ?? this.#directory.names();
    const runtimes = names.map((name) => this.#directory.runtime(name));
    const asked = runtimes.filter(({ metadataCheck }) => metadataCheck.isPossible);
    const checks = new Map<string, ServerCheck>();
    const signal = AbortSignal.timeout(timeoutMs);
    const bounds = { concurrency: CONCURRENCY, signal };
    await walk(each(asked), bounds, async ({ settings: { name }, parts, metadataCheck }) => {
      const slow = () => tooSlow(name, timeoutMs);
      const error = await waitWithin(metadataCheck.run(maxAgeSeconds), { signal }, slow).catch(
        (failure: OAuthClientError) => failure,
      );
      const { issuer } = parts.metadata;
      const found = issuer === undefined ? {} : { issuer };
      checks.set(name, { client: name, ...found, ...(error && { error }) });
    });
    return names.flatMap((name) => checks.get(name) ?? []);
  }

  async store(given: StoreCheckOptions): Promise<void> {
    const about = { defaults: STORE_CHECK_DEFAULTS };
    const { timeoutMs } = fleetOptions('checkStore', given, about);
    const { store } = this.#directory.shared;
    const slow = () => new Error(`no answer within ${timeoutMs} ms`);
    try {
      await waitWithin(store.get(NOBODY), { timeoutMs }, slow);
    } catch (cause) {
      throw new TokenStoreError({
        problem: 'The token store did not answer.',
        remedy: 'Check the store and the connection to it.',
        cause,
      });
    }
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function tooSlow(client: string, timeoutMs: number): DiscoveryError {
  return new DiscoveryError({
    client,
    problem: `The metadata document did not come within ${timeoutMs} ms.`,
    remedy: 'Look whether the authorization server is slow, or raise timeoutMs.',
  });
}
