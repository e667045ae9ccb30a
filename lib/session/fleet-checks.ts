import { DiscoveryError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { waitWithin } from '../pipeline/patience.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import { walk } from './bounded-walk.js';
import type { ClientDirectory } from './client-directory.js';
import { fleetOptions } from './fleet-options.js';
import { byServer } from './server-groups.js';

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
    const unknown = names.find((name) => !this.#directory.has(name));
    if (unknown !== undefined) throw this.#directory.unknown(unknown);
    // Only those that are asked are put together for this.
    const asked = names
      .map((name) => this.#directory.settings(name))
      .filter(({ issuer, metadataUrl }) => issuer !== undefined || metadataUrl !== undefined);
    const checks = new Map<string, ServerCheck>();
    const signal = AbortSignal.timeout(timeoutMs);
    const bounds = { concurrency: CONCURRENCY, signal };
    await walk(each(byServer(asked)), bounds, async (group) => {
      const [{ name }] = group as [ClientSettings];
      const slow = () => tooSlow(name, timeoutMs);
      const check = this.#read(name, maxAgeSeconds);
      const error = await waitWithin(check, { signal }, slow).catch(
        (failure: OAuthClientError) => failure,
      );
      for (const { name: client, issuer: said } of group) {
        const issuer = this.#directory.used(client)?.parts.metadata.issuer ?? said;
        const found = issuer === undefined ? {} : { issuer };
        const own = error && (client === name ? error : ofOther(client, name, error));
        checks.set(client, { client, ...found, ...(own && { error: own }) });
      }
    });
    return names.flatMap((name) => checks.get(name) ?? []);
  }

  async #read(client: string, maxAgeSeconds: number): Promise<OAuthClientError | undefined> {
    return this.#directory.runtime(client).metadataCheck.run(maxAgeSeconds);
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

/** Whoever asked was another client of the same server; an error names whom it is about. */
function ofOther(client: string, asker: string, cause: OAuthClientError): DiscoveryError {
  return new DiscoveryError({
    client,
    problem: `The metadata document could not be read for "${asker}", a client of the same server.`,
    remedy: 'Look at the cause.',
    status: cause instanceof DiscoveryError ? cause.status : undefined,
    cause,
  });
}
