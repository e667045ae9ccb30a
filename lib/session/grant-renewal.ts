import type { Subscription } from 'rxjs';
import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import {
  ConfigurationError,
  HandlerError,
  InsecureTransportError,
  ShuttingDownError,
} from '../errors/configuration.errors.js';
import { DiscoveryError, TokenEndpointError } from '../errors/endpoint.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { GrantBinding } from '../pipeline/grant-binding.js';
import type { TokenRecord } from '../protocol/token-record.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { ClientDirectory } from './client-directory.js';
import type { RenewalSkipReason, RenewalStep } from './renewal-progress.js';

/** After so many failures in a row a client is given up for the run. */
const MAX_FAILURES = 10;
/** Errors that are about the client, whatever grant it renews. RFC 6749, section 5.2. */
const CLIENT_ERRORS: ReadonlySet<string | undefined> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
]);

/** Renews one grant after the other, and knows which clients it is of no use to ask for. */
export class GrantRenewal {
  readonly #directory: ClientDirectory;
  readonly #givenUp = new Map<string, RenewalSkipReason>();
  readonly #failuresInARow = new Map<string, number>();
  /** What this process has been told of the grants that are being renewed. */
  readonly #heard = new Map<string, 'nothing' | 'renewed' | 'failed'>();
  readonly #events: Subscription;

  constructor(directory: ClientDirectory) {
    this.#directory = directory;
    this.#events = directory.shared.events.events$.subscribe(({ type, ...key }) => {
      const id = key.variant === undefined ? joinKey(key) : undefined;
      if (id === undefined || !this.#heard.has(id)) return;
      if (type === 'refreshed') this.#heard.set(id, 'renewed');
      if (type === 'refresh_failed') this.#heard.set(id, 'failed');
    });
  }

  /** Listens no more. */
  close(): void {
    this.#events.unsubscribe();
  }

  /** Renews a grant, unless somebody else has done so since the record was read. Never rejects. */
  async renew(key: TokenKey, record: TokenRecord): Promise<RenewalStep> {
    const { client, subject } = key;
    const reason = this.#reasonNotTo(key, record);
    if (reason !== undefined) return { client, subject, outcome: 'skipped', reason };
    const binding = new GrantBinding(client, subject);
    this.#heard.set(binding.id, 'nothing');
    try {
      await this.#directory.runtime(client).source.replaced(binding, record.version);
      this.#failuresInARow.delete(client);
      return this.#heard.get(binding.id) === 'renewed'
        ? { client, subject, outcome: 'renewed' }
        : { client, subject, outcome: 'skipped', reason: 'renewed_elsewhere' };
    } catch (error) {
      const isOurs = this.#heard.get(binding.id) === 'failed';
      return { client, subject, ...this.#judged(binding, typed(binding, error), isOurs) };
    } finally {
      this.#heard.delete(binding.id);
    }
  }

  #reasonNotTo(key: TokenKey, { refreshToken }: TokenRecord): RenewalSkipReason | undefined {
    const { client } = key;
    if (!this.#directory.has(client)) return 'closed';
    if (refreshToken === undefined) return 'not_renewable';
    // What the store has not taken yet is newer than the record.
    if (this.#directory.shared.writeBack.get(joinKey(key))) return 'renewed_elsewhere';
    if (!this.#givenUp.has(client) && this.#directory.runtime(client).parts.rest.resting) {
      this.#givenUp.set(client, 'cooldown');
    }
    return this.#givenUp.get(client);
  }

  #judged(
    { client }: GrantBinding,
    error: OAuthClientError,
    isOurs: boolean,
  ): Pick<RenewalStep, 'outcome' | 'reason' | 'error'> {
    if (error instanceof AuthorizationRequiredError) {
      if (error.reason === 'no_token') return { outcome: 'skipped', reason: 'gone' };
      if (error.reason === 'not_renewable') {
        return { outcome: 'skipped', reason: 'not_renewable' };
      }
      this.#failuresInARow.delete(client);
      return { outcome: 'ended', error };
    }
    if (error instanceof ShuttingDownError) return { outcome: 'skipped', reason: 'closed' };
    const wasAsked = isOurs || !(error instanceof TokenEndpointError);
    if (!wasAsked) return { outcome: 'skipped', reason: 'cooldown' };
    const failures = (this.#failuresInARow.get(client) ?? 0) + 1;
    this.#failuresInARow.set(client, failures);
    if (isOfClient(error) || failures >= MAX_FAILURES) this.#givenUp.set(client, 'client_failing');
    return { outcome: 'failed', error };
  }
}

/** Whether the next grant would fail in the same way. */
function isOfClient(error: OAuthClientError): boolean {
  if (error instanceof TokenEndpointError) return CLIENT_ERRORS.has(error.error);
  return (
    error instanceof ConfigurationError ||
    error instanceof InsecureTransportError ||
    error instanceof DiscoveryError
  );
}

/** What an interceptor of the application threw may be anything. */
function typed({ client, subject }: GrantBinding, error: unknown): OAuthClientError {
  if (error instanceof OAuthClientError) return error;
  return new HandlerError({
    client,
    subject,
    problem: 'The renewal was broken off.',
    remedy: 'Look at the interceptors and handlers of its renewals.',
    cause: error,
  });
}
