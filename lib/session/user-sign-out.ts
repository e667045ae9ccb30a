import { ConfigurationError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { TokenSet } from '../protocol/token-set.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { ClientDirectory } from './client-directory.js';
import type { OAuthSession } from './oauth-session.js';

/** What came of one client when a user was signed out everywhere. */
export interface ClientDisconnection {
  /** The client. */
  readonly client: string;
  /** Whether its server has revoked the grant. It is forgotten here in any case but a store's failure. */
  readonly revoked: boolean;
  /** Why it was not revoked, or not forgotten: a `TokenStoreError`. */
  readonly error?: OAuthClientError;
}

/** What came of signing a user out everywhere. */
export interface DisconnectReport {
  /** The clients at which the user had a grant; none of them is left out for its failure. */
  readonly clients: readonly ClientDisconnection[];
  /** Why the store's keys could not all be listed: grants at clients of a repository may be left. */
  readonly error?: OAuthClientError;
}

const AT_ONCE = 8;

/** Revokes and forgets every grant of a user; see `OAuthClientRegistry.disconnectAll()`. */
export async function disconnectAll(
  directory: ClientDirectory,
  subject: string,
): Promise<DisconnectReport> {
  if (typeof subject !== 'string' || subject === '') throw noSubject(subject);
  const { keys, error } = await keysOf(directory, subject);
  const signOut = new UserSignOut(directory, subject);
  const names = [...new Set([...directory.names(), ...keys.keys()])];
  const clients: (ClientDisconnection | undefined)[] = [];
  const next = names.entries();
  const worker = async () => {
    // The iterator is shared: each name is taken once.
    for (const [at, name] of next) clients[at] = await signOut.of(name, keys.get(name) ?? []);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { clients: clients.filter((one) => one !== undefined), ...(error && { error }) };
}

class UserSignOut {
  readonly #directory: ClientDirectory;
  readonly #subject: string;

  constructor(directory: ClientDirectory, subject: string) {
    this.#directory = directory;
    this.#subject = subject;
  }

  /** What came of one client; nothing where the user has no grant there. */
  async of(client: string, keys: readonly TokenKey[]): Promise<ClientDisconnection | undefined> {
    let session: OAuthSession;
    try {
      session = await this.#session(client);
    } catch (error) {
      if (keys.length === 0) return undefined;
      const failure = await this.#forget(keys);
      return { client, revoked: false, error: failure ?? asOwn(client, error) };
    }
    try {
      return await this.#revoke(session, keys);
    } catch (error) {
      // A record that cannot be read can be deleted all the same.
      const left = keys.length > 0 ? keys : [{ client, subject: this.#subject }];
      const failure = await this.#forget(left);
      return { client, revoked: false, error: failure ?? asOwn(client, error) };
    }
  }

  async #session(client: string): Promise<OAuthSession> {
    return (await this.#directory.resolve(client)).for(this.#subject);
  }

  /** Throws where it cannot be read what is to be revoked; nothing where there is nothing. */
  async #revoke(
    session: OAuthSession,
    keys: readonly TokenKey[],
  ): Promise<ClientDisconnection | undefined> {
    const client = session.clientName;
    const grant = await session.token();
    // What a refresh token has brought ends with it at the server. RFC 7009, section 2.1.
    const variants = grant?.refreshToken === undefined ? await this.#variants(session, keys) : [];
    if (!grant && (await this.#isOfOther(session))) throw ofOtherRegistration(session);
    if (!grant && variants.length === 0 && keys.length === 0) return undefined;
    const forgotten = await failureOf(session.revokeToken());
    const isLeft = forgotten instanceof TokenStoreError;
    const failures = [forgotten];
    const { revocableTokens } = session.settings;
    for (const { refreshToken: token } of variants) {
      if (token === undefined || !revocableTokens.has('refresh_token')) continue;
      failures.push(await failureOf(session.revokeToken({ token, hint: 'refresh_token' })));
    }
    for (const { accessToken: token } of variants) {
      if (!revocableTokens.has('access_token')) continue;
      failures.push(await failureOf(session.revokeToken({ token, hint: 'access_token' })));
    }
    // The server's failure is told before the store's, which may have been there, too.
    const undeleted = forgotten ? await this.#forget(keys) : undefined;
    const unrevoked = failures.find((error) => error && error !== (isLeft && forgotten));
    const error = unrevoked ?? undeleted;
    return { client, revoked: !unrevoked, ...(error && { error: asOwn(client, error) }) };
  }

  /** Whether there is a grant that no server of this client's registration is to see. */
  async #isOfOther({ settings: { registration }, clientName: client }: OAuthSession) {
    if (registration === undefined) return false;
    const { store } = this.#directory.shared;
    const record = await store.get({ client, subject: this.#subject });
    return record?.registration !== undefined && record.registration !== registration;
  }

  async #variants({ runtime }: OAuthSession, keys: readonly TokenKey[]): Promise<TokenSet[]> {
    const { store } = runtime.parts;
    const variants = keys.filter(({ variant }) => variant !== undefined);
    const records = await Promise.all(variants.map((key) => store.get(key)));
    return records.flatMap((record) => (record ? TokenSet.from(record) : []));
  }

  /** Deletes what no client is there for to delete; what is deleted already stays so. */
  async #forget(keys: readonly TokenKey[]): Promise<TokenStoreError | undefined> {
    const { store, leases, writeBack, cache, feed, events, clock } = this.#directory.shared;
    let failure: TokenStoreError | undefined;
    for (const key of keys) {
      try {
        await leases.overrule(key);
        const existed = await store.delete(key);
        writeBack.forget(joinKey(key));
        cache.drop(joinKey(key));
        feed.wrote(key);
        if (existed) events.emit(key, { type: 'cleared', at: clock.now() });
      } catch (cause) {
        failure ??= notDeleted(key, cause);
      }
    }
    return failure;
  }
}

/** The stored keys of a user, by client; none in a store that cannot list them. */
async function keysOf(
  { shared: { store } }: ClientDirectory,
  subject: string,
): Promise<{ keys: Map<string, TokenKey[]>; error?: TokenStoreError }> {
  const keys = new Map<string, TokenKey[]>();
  try {
    for await (const key of store.keys?.({ subject }) ?? []) {
      if (key.subject !== subject) continue;
      const those = keys.get(key.client);
      if (those) those.push(key);
      else keys.set(key.client, [key]);
    }
    return { keys };
  } catch (cause) {
    const error = new TokenStoreError({
      subject,
      problem: 'The token store could not list the keys of a subject.',
      remedy: 'Sign the user out once more when the store answers.',
      cause,
    });
    return { keys, error };
  }
}

function notDeleted({ client, subject }: TokenKey, cause: unknown): TokenStoreError {
  return new TokenStoreError({
    client,
    subject,
    problem: 'The token store could not delete a token.',
    remedy: 'Sign the user out once more when the store answers.',
    cause,
  });
}

/** What a promise fails with. */
async function failureOf(done: Promise<void>): Promise<Error | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error
      : new Error('something else than an error', { cause: error });
  }
}

/** What a client throws is of this library; anything else is a mistake in what it was given. */
function asOwn(client: string, error: unknown): OAuthClientError {
  if (error instanceof OAuthClientError) return error;
  return new ConfigurationError({
    client,
    problem: 'Something else than this library failed while the grant was revoked.',
    remedy: 'Look what its hooks and authentication do.',
    cause: error,
  });
}

function ofOtherRegistration({ clientName, subject }: OAuthSession): ConfigurationError {
  return new ConfigurationError({
    client: clientName,
    subject,
    problem: 'The grant is of a former registration, which named other servers.',
    remedy: 'Revoke it at the server that it came from; it is forgotten here.',
  });
}

function noSubject(subject: unknown): ConfigurationError {
  const what = subject === '' ? 'an empty text' : subject === null ? 'null' : typeof subject;
  return new ConfigurationError({
    problem: `disconnectAll() was given ${what} as the subject.`,
    remedy: 'Pass the identifier of the user; look why it is missing.',
  });
}
