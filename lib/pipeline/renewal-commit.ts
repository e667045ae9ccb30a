import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { withoutRefreshToken, withRefreshToken } from '../protocol/token-merge.js';
import { isTokenRecord, type TokenRecord } from '../protocol/token-record.js';
import { withinLimit } from '../protocol/time-limit.js';
import { TokenSet } from '../protocol/token-set.js';
import { joinKey, type TokenKey } from '../store/token-key.js';
import type { ClientParts } from './client-parts.js';
import { meetsDemand } from './grant-policy.js';
import { judgeScope } from './scope-judge.js';
import { LEASE_MS, storeError } from './lease-holder.js';
import { Overtaken, type LeasedRun, type RenewalRun, type RenewedRun } from './renewal-run.js';
import { Superseded } from './superseded.js';
import { tokenFigures } from './token-events.js';

/** A commit that takes longer is made again while the lease still holds, in milliseconds. */
const COMMIT_MS = LEASE_MS / 2;

/** The two stages of a renewal that speak with the store: the lease before, the commit after. */
export class RenewalCommit {
  readonly #parts: ClientParts;
  readonly #superseded: Superseded;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#superseded = new Superseded(parts);
  }

  /** The lease, or the token with which it is needless. */
  async lease(run: RenewalRun): Promise<LeasedRun | TokenSet> {
    const { leases, settings } = this.#parts;
    const { binding } = run;
    const ofGrant = this.#isVariantOfGrant(run);
    try {
      const outcome = await leases.acquire({
        key: ofGrant ? binding.grantKey : binding.key,
        settled: (record) => !ofGrant && this.#meets(run, record),
        usable: (record) => !ofGrant && this.#meets(run, record, 0),
        patienceMs: settings.refresh.timeoutMs,
      });
      if (outcome.kind === 'needless') return TokenSet.from(outcome.record);
      const { record } = outcome.lease;
      return await this.#under({ ...run, ...outcome, record });
    } catch (error) {
      const machine = error instanceof TokenStoreError && !settings.actsForUsers;
      if (!machine) throw error;
      return { ...run, lease: undefined, abandoned: false, heldAt: 0, record: undefined };
    }
  }

  /**
   * What there is while the client rests: the token that another replica has renewed meanwhile, or
   * the error that began the rest. Nothing, where it does not rest.
   */
  async whileResting(run: RenewalRun): Promise<TokenSet | undefined> {
    const { rest, store } = this.#parts;
    try {
      await rest.check(run);
      return undefined;
    } catch (resting) {
      const { key } = run.binding;
      const record = await store.get(key).catch(() => undefined); // the rest is the news, then
      if (record && this.#meets(run, record)) return TokenSet.from(record);
      throw resting;
    }
  }

  /** Gives back the lease that nobody waits for any more. */
  async unneeded(outcome: LeasedRun | TokenSet): Promise<void> {
    if (outcome instanceof TokenSet || !outcome.lease) return;
    await this.#parts.leases.release(outcome.lease);
  }

  /** Writes what was obtained, and answers what those who wait get. */
  async commit(run: RenewedRun): Promise<TokenSet> {
    const { cache, settings, handlers, reentrancy, writeBack } = this.#parts;
    const { binding, previous } = run;
    return cache.watching(binding.id, async (watch) => {
      const kept = await this.#write(run);
      if (!kept) {
        await this.#superseded.discard(run);
        return this.#theirs(run);
      }
      this.#announce(run);
      const { client, subject } = binding;
      const tell = () => handlers.tell(kept, { client, subject, previous });
      if (handlers.any) await reentrancy.within(binding, tell);
      // One change is our own; another one means that somebody else has written since.
      if (watch.changes <= 1 || writeBack.get(binding.id)) {
        cache.put(binding.id, kept, settings.refresh.leewaySeconds);
      }
      judgeScope(this.#parts, binding, kept);
      return kept;
    });
  }

  /** What is to be known of the record before anything is spent on it. */
  async #under(held: LeasedRun & { lease: NonNullable<LeasedRun['lease']> }) {
    const { leases, settings, store } = this.#parts;
    const { binding, lease, record } = held;
    if (record && !isTokenRecord(record)) {
      // A machine gets a new token in its place; a user's refresh token is not to be guessed at.
      if (!settings.actsForUsers) return { ...held, record: undefined };
      await leases.release(lease);
      return TokenSet.from(record);
    }
    if (!this.#isVariantOfGrant(held)) return held;
    try {
      const variant = await this.#ask(binding.key, store.get(binding.key));
      if (!variant || !this.#meets(held, variant)) return held;
      await leases.release(lease);
      return TokenSet.from(variant);
    } catch (error) {
      await leases.release(lease);
      throw error;
    }
  }

  async #write(run: RenewedRun): Promise<TokenSet | undefined> {
    const { writeBack, feed } = this.#parts;
    const { binding, token, lease } = run;
    if (!lease) {
      writeBack.keepInMemory(binding.key, token);
      return token;
    }
    if (this.#isVariantOfGrant(run)) return this.#writeVariant(run);
    const written = await this.#commitOrKeep(run, binding.key, token);
    if (written === 'superseded') return undefined;
    if (written === 'committed') writeBack.forget(binding.id);
    feed.wrote(binding.key);
    return token;
  }

  /** The rotated refresh token is committed to the grant first, then the variant is written. */
  async #writeVariant(run: RenewedRun): Promise<TokenSet | undefined> {
    const { store, writeBack, feed, leases } = this.#parts;
    const { binding, token, record } = run;
    let grantVersion = record?.version;
    const rotated = token.refreshToken !== undefined && token.refreshToken !== record?.refreshToken;
    if (rotated) {
      const grant = withRefreshToken(TokenSet.from(record!), token);
      const written = await this.#commitOrKeep(run, binding.grantKey, grant);
      if (written === 'superseded') return undefined;
      feed.wrote(binding.grantKey);
      grantVersion = grant.version;
    }
    const variant = withoutRefreshToken(token);
    try {
      await store.set(binding.key, variant.toRecord());
      feed.wrote(binding.key);
      const grant = await store.get(binding.grantKey);
      if (grant?.version === grantVersion) return variant;
      if (writeBack.get(binding.grantKeyId)?.version === grantVersion) return variant;
      // The grant was set or deleted meanwhile: its variants have ended with it, and this one, too.
      await store.delete(binding.key);
      feed.wrote(binding.key);
      return undefined;
    } catch {
      // A variant costs one refresh to get again: this process uses it, others fetch their own.
      writeBack.keepInMemory(binding.key, variant);
      return variant;
    } finally {
      if (!rotated) await leases.release(run.lease!);
    }
  }

  /** Commits under the lease; while the store is down the token is used, and written later. */
  async #commitOrKeep(
    run: RenewedRun,
    key: TokenKey,
    token: TokenSet,
  ): Promise<'committed' | 'superseded' | 'kept'> {
    const { store, writeBack, feed, cache } = this.#parts;
    const lease = run.lease!;
    try {
      const committed = withinLimit(lease.commit(token.toRecord()), COMMIT_MS);
      return (await committed) ? 'committed' : 'superseded';
    } catch {
      writeBack.keep(key, token, async () => {
        const committed = await lease.commit(token.toRecord());
        // The commit whose answer was lost may have been made.
        const isThere = committed || (await store.get(key))?.version === token.version;
        writeBack.written(key, token);
        if (!isThere) {
          // Somebody disconnected or connected again meanwhile: nobody may go on with ours.
          cache.drop(joinKey(key));
          await this.#superseded.discard(run);
        }
        feed.wrote(key);
      });
      return 'kept';
    }
  }

  async #theirs(run: RenewalRun): Promise<TokenSet> {
    const { store, settings } = this.#parts;
    const { binding } = run;
    const theirs = await this.#ask(binding.key, store.get(binding.key));
    if (theirs && this.#meets(run, theirs)) return TokenSet.from(theirs);
    const grant = binding.variant
      ? await this.#ask(binding.grantKey, store.get(binding.grantKey))
      : theirs;
    if (grant || !settings.actsForUsers) throw new Overtaken();
    throw new AuthorizationRequiredError({
      client: binding.client,
      subject: binding.subject,
      scope: settings.scope,
      grant: settings.grant,
      reason: 'no_token',
      problem: 'The token was cleared while it was renewed.',
    });
  }

  #announce(run: RenewedRun): void {
    const { events, clock } = this.#parts;
    const { token, binding } = run;
    run.attempts.told?.brought(run.first ? 'fetched' : 'refreshed');
    events.emit(binding.key, {
      type: run.first ? 'fetched' : 'refreshed',
      at: clock.now(),
      durationMs: Math.round(performance.now() - run.startedAt),
      attempts: run.attempts.count,
      ...tokenFigures(token),
    });
  }

  #meets(run: RenewalRun, record: TokenRecord | undefined, leewaySeconds?: number): boolean {
    const { clock, settings } = this.#parts;
    const leeway = leewaySeconds ?? settings.refresh.leewaySeconds;
    const isSound = record !== undefined && isTokenRecord(record);
    return isSound && meetsDemand(record, run.demand, clock.now() / 1000, leeway);
  }

  #isVariantOfGrant({ binding }: RenewalRun): boolean {
    return binding.variant !== undefined && this.#parts.settings.actsForUsers;
  }

  async #ask<T>(key: TokenKey, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      throw storeError(key, cause);
    }
  }
}
