import { TokenStoreError } from '../errors/store.errors.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from './authorization-request-store.js';
import type { EncryptedAuthorizationRequestStoreOptions } from './encrypted.options.js';
import { parseJwe } from './compact-jwe.js';
import { KeyRing } from './key-ring.js';
import { SealedContent } from './sealed-content.js';
import { namedFor, SealingProblem } from './sealing-problem.js';

/**
 * Encrypts the pending authorization requests that any other store keeps: each is a compact JWE
 * (`dir`, `A256GCM`; RFC 7516) that is bound to the hash of its state, so that requests cannot be
 * swapped. In clear stay the client and when the flow was begun. The JWE stands in the place of the
 * PKCE verifier, the subject is empty: who takes it undecrypted finds a flow of somebody else.
 *
 * To take is to spend, with these requests: one that cannot be decrypted is a
 * {@link TokenStoreError}, and the user starts again. No token is touched.
 *
 * @example
 * ```ts
 * OAuthClientModule.forRoot({
 *   clients,
 *   authorizationRequestStore: new EncryptedAuthorizationRequestStore(store, { keys: [key] }),
 * });
 * ```
 */
export class EncryptedAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #store: AuthorizationRequestStore;
  readonly #ring: KeyRing;
  readonly #content: SealedContent;
  readonly #allowPlain: boolean;

  /**
   * @param store - Where the requests are kept.
   * @throws ConfigurationError for a key that is not 32 bytes, or a `kid` given twice.
   */
  constructor(
    store: AuthorizationRequestStore,
    { keys, allowPlain = false }: EncryptedAuthorizationRequestStoreOptions,
  ) {
    this.#store = store;
    this.#ring = new KeyRing(keys);
    this.#content = new SealedContent(this.#ring);
    this.#allowPlain = allowPlain;
  }

  /** Closes the store that is wrapped. */
  async close(): Promise<void> {
    await this.#store.close?.();
  }

  /**
   * See {@link AuthorizationRequestStore.save}; the time is in milliseconds.
   *
   * @throws TokenStoreError when the newest key cannot be had.
   */
  async save(
    stateHash: string,
    request: AuthorizationRequestRecord,
    ttlMs: number,
  ): Promise<boolean> {
    const { client, createdAt } = request;
    const sealing = this.#content.seal(JSON.stringify(request), bindingOf(stateHash, client));
    const jwe = await named(request, sealing);
    const sealed = { client, subject: '', scope: [], createdAt, codeVerifier: jwe };
    return this.#store.save(stateHash, sealed, ttlMs);
  }

  /**
   * See {@link AuthorizationRequestStore.take}.
   *
   * @throws TokenStoreError when the request cannot be trusted; it is spent then.
   */
  async take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    const stored = await this.#store.take(stateHash);
    if (stored === undefined) return undefined;
    const { client, codeVerifier = '' } = stored;
    if (!parseJwe(codeVerifier)) return this.#plain(stored);
    const binding = bindingOf(stateHash, client);
    const { content } = await named({ client }, this.#content.open(codeVerifier, binding));
    return content as AuthorizationRequestRecord;
  }

  #plain(stored: AuthorizationRequestRecord): AuthorizationRequestRecord {
    if (this.#allowPlain) return stored;
    throw problemOf(
      stored,
      new SealingProblem('A pending authorization request in the store is not encrypted.', AGAIN),
    );
  }

  /** What JSON shows: the names of the keys, nothing else. */
  toJSON(): { kids: readonly string[] } {
    return { kids: this.#ring.kids };
  }

  /** What `console.log` and `util.inspect` show: the names of the keys, nothing else. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `EncryptedAuthorizationRequestStore { kids: ${JSON.stringify(this.#ring.kids)} }`;
  }
}

const AGAIN = 'Start again with authorizationUrl(); tokens that are stored already are untouched.';

function bindingOf(stateHash: string, client: string) {
  return ['authorization_request', stateHash, client];
}

async function named<T>(whose: { client: string }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw problemOf(whose, error);
  }
}

function problemOf({ client }: { client: string }, error: unknown): unknown {
  if (!(error instanceof SealingProblem)) return namedFor({ client }, error);
  const { message: problem, cause } = error;
  return new TokenStoreError({ client, problem, remedy: AGAIN, cause });
}
