import { ConfigurationError } from '../errors/configuration.errors.js';
import { TokenStoreError } from '../errors/store.errors.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { KeyRing, type EncryptionKeys } from '../store/key-ring.js';
import { SealedContent } from '../store/sealed-content.js';
import { SealingProblem } from '../store/sealing-problem.js';
import { currentJar, type CookieJar } from './routes/cookie-jar.js';

/** What {@link CookieAuthorizationRequestStore} is made from. */
export interface CookieAuthorizationRequestStoreOptions {
  /** The keys, the newest first: it encrypts, all decrypt. The same in every process. */
  keys: EncryptionKeys;
}

const PREFIX = 'oauth-flow-';
const MAX_FLOWS = 20;
/** Of all flows together, names included: with the application's own cookies it must fit a request. */
const MAX_BYTES = 6 * 1024;
/** What browsers keep of one cookie, at least. RFC 6265, section 6.1. */
const MAX_COOKIE_BYTES = 4000;

/**
 * Keeps pending authorization requests in the browser, each in a cookie of its own that scripts
 * cannot read: a compact JWE (`dir`, `A256GCM`; RFC 7516), bound to the hash of its state, for 10
 * minutes. Nothing is kept at the server, and any process can answer the callback.
 *
 * It gives up some of what a store at the server has:
 * - Single use: a callback ends the flow by deleting its cookie. Who has copied cookie and callback
 *   from the browser can send them again within 10 minutes; the authorization server alone refuses
 *   the code then, which is used.
 * - Room: about five flows of a browser at once, 20 at most; the oldest is dropped.
 * - Use without the routes of the module: `authorizationUrl()` and `completeAuthorization()` called
 *   by the application are refused.
 *
 * @example
 * ```ts
 * OAuthClientModule.forRoot({
 *   clients,
 *   routes: {},
 *   subject,
 *   authorizationRequestStore: new CookieAuthorizationRequestStore({ keys: [key] }),
 * });
 * ```
 */
export class CookieAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #ring: KeyRing;
  readonly #content: SealedContent;

  /** @throws ConfigurationError for a key that is not 32 bytes, or a `kid` given twice. */
  constructor({ keys }: CookieAuthorizationRequestStoreOptions) {
    this.#ring = new KeyRing(keys);
    this.#content = new SealedContent(this.#ring);
  }

  /**
   * See {@link AuthorizationRequestStore.save}; the time is in milliseconds.
   *
   * @throws ConfigurationError outside of the routes, and for a request that no cookie holds;
   * TokenStoreError when the newest key cannot be had.
   */
  async save(
    stateHash: string,
    request: AuthorizationRequestRecord,
    ttlMs: number,
  ): Promise<boolean> {
    const { client, createdAt } = request;
    const jar = demandJar(client);
    if (jar.get(PREFIX + stateHash) !== undefined) return false;
    const jwe = await this.#seal(stateHash, request);
    const value = `${Math.floor(createdAt / 1000).toString(36)}.${jwe}`;
    if (sizeOf(stateHash, value) > MAX_COOKIE_BYTES) throw tooLarge(client);
    makeRoom(jar, sizeOf(stateHash, value));
    jar.set(PREFIX + stateHash, value, Math.ceil(ttlMs / 1000));
    return true;
  }

  /**
   * See {@link AuthorizationRequestStore.take}. What cannot be decrypted was never there.
   *
   * @throws ConfigurationError outside of the routes; TokenStoreError when the function that gets
   * the keys fails.
   */
  async take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    const jar = demandJar();
    const value = jar.get(PREFIX + stateHash);
    if (value === undefined) return undefined;
    jar.delete(PREFIX + stateHash);
    try {
      const jwe = value.slice(value.indexOf('.') + 1);
      const { content } = await this.#content.open(jwe, placeOf(stateHash));
      return content as AuthorizationRequestRecord;
    } catch (error) {
      // A browser may send anything; that the keys cannot be had has a cause.
      if (error instanceof SealingProblem && error.cause === undefined) return undefined;
      throw storeError(error);
    }
  }

  /** What JSON shows: the names of the keys, nothing else. */
  toJSON(): { kids: readonly string[] } {
    return { kids: this.#ring.kids };
  }

  /** What `console.log` and `util.inspect` show: the names of the keys, nothing else. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `CookieAuthorizationRequestStore { kids: ${JSON.stringify(this.#ring.kids)} }`;
  }

  async #seal(stateHash: string, request: AuthorizationRequestRecord): Promise<string> {
    try {
      return await this.#content.seal(JSON.stringify(request), placeOf(stateHash));
    } catch (error) {
      throw storeError(error, request.client);
    }
  }
}

function placeOf(stateHash: string) {
  return ['authorization_request_cookie', stateHash];
}

/** The oldest go, until there is room for one more of this size. */
function makeRoom(jar: CookieJar, size: number): void {
  const flows = jar
    .startingWith(PREFIX)
    .map(([hash, value]) => ({ hash, size: sizeOf(hash, value), begunAt: begunAt(value) }))
    .sort((one, other) => one.begunAt - other.begunAt);
  let bytes = flows.reduce((sum, flow) => sum + flow.size, size);
  while (flows.length >= MAX_FLOWS || (bytes > MAX_BYTES && flows.length > 0)) {
    const oldest = flows.shift()!;
    jar.delete(PREFIX + oldest.hash);
    bytes -= oldest.size;
  }
}

function sizeOf(hash: string, value: string): number {
  return PREFIX.length + hash.length + value.length;
}

function begunAt(value: string): number {
  const seconds = Number.parseInt(value.split('.', 1)[0]!, 36);
  return Number.isNaN(seconds) ? 0 : seconds;
}

function demandJar(client?: string): CookieJar {
  const jar = currentJar();
  if (jar) return jar;
  throw new ConfigurationError({
    client,
    problem: 'The CookieAuthorizationRequestStore is asked outside of the routes.',
    remedy:
      'Send users to the authorize route of the module, or set another authorizationRequestStore.',
  });
}

function tooLarge(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: 'The authorization request is too large for a cookie.',
    remedy: 'Shorten scope and returnTo, or set another authorizationRequestStore.',
  });
}

function storeError(error: unknown, client?: string): unknown {
  if (!(error instanceof SealingProblem)) return error;
  const { message: problem, remedy, cause } = error;
  return new TokenStoreError({ client, problem, remedy, cause });
}
