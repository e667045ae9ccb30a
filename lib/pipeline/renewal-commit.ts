import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { TokenStoreError } from '../errors/store.errors.js';
import { withoutRefreshToken, withRefreshToken } from '../protocol/token-merge.js';
import type { TokenRecord } from '../protocol/token-record.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { meetsDemand } from './grant-policy.js';
import { judgeScope } from './scope-judge.js';
import { storeError } from './lease-holder.js';
import type { KeyWatch } from './near-cache.js';
import { Overtaken, type LeasedRun, type RenewalRun, type RenewedRun } from './renewal-run.js';

/** The two stages of a renewal that speak with the store: the lease before, the commit after. */
export class RenewalCommit {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /** The lease, or the token with which it is needless. */
  async lease(run: RenewalRun): Promise<LeasedRun | TokenSet> {
    const { leases, settings } = this.#parts;
    const { binding } = run;
    const ofGrant = this.#isVariantOfGrant(run);
    const settled = (record: TokenRecord | undefined) => !ofGrant && this.#meets(run, record);
    try {
      const outcome = await leases.acquire({
        key: ofGrant ? binding.grantKey : binding.key,
        settled,
        usable: (record) => !ofGrant && this.#meets(run, record, 0),
        patienceMs: settings.refresh.timeoutMs,
      });
      if (outcome.kind === 'needless') return TokenSet.from(outcome.record);
      const { lease, abandoned } = outcome;
      const held = { ...run, lease, abandoned, record: lease.record };
      return ofGrant ? await this.#variantUnder(held) : held;
    } catch (error) {
      const machine = error instanceof TokenStoreError && !settings.actsForUsers;
      if (!machine) throw error;
      return { ...run, lease: undefined, abandoned: false, record: undefined };
    }
  }

  /** Writes what was obtained, and answers what those who wait get. */
  async commit(run: RenewedRun): Promise<TokenSet> {
    const { cache, settings, handlers, reentrancy, writeBack } = this.#parts;
    const { binding, token, previous } = run;
    return cache.watching(binding.id, async (watch) => {
      const kept = await this.#write(run, watch);
      if (!kept) {
        this.#discard(run);
        return this.#theirs(run);
      }
      if (kept.accessToken !== token.accessToken) return kept;
      this.#announce(run);
      const { client, subject } = binding;
      await reentrancy.within(binding, () => handlers.tell(kept, { client, subject, previous }));
      const heardOfOurs = watch.changes <= 1;
      if (heardOfOurs || writeBack.get(binding.id)) {
        cache.put(binding.id, kept, settings.refresh.leewaySeconds);
      }
      judgeScope(this.#parts, binding, kept);
      return kept;
    });
  }

  async #write(run: RenewedRun, watch: KeyWatch): Promise<TokenSet | undefined> {
    const { writeBack, feed } = this.#parts;
    const { binding, token, lease } = run;
    if (!lease) {
      writeBack.keepInMemory(binding.key, token);
      return token;
    }
    if (this.#isVariantOfGrant(run)) return this.#writeVariant(run);
    try {
      if (!(await lease.commit(token.toRecord()))) return undefined;
      writeBack.forget(binding.id);
      feed.wrote(binding.key);
    } catch {
      // The server has rotated and the store is down: the token is used, and written later.
      writeBack.keep(binding.key, token, lease, (saved) => {
        if (!saved) this.#discard(run);
        feed.wrote(binding.key);
      });
      watch.changes = 0;
    }
    return token;
  }

  /** The rotated refresh token is committed to the grant first, then the variant is written. */
  async #writeVariant(run: RenewedRun): Promise<TokenSet | undefined> {
    const { store, writeBack, feed } = this.#parts;
    const { binding, token, record } = run;
    const lease = run.lease!;
    const rotated = token.refreshToken !== undefined && token.refreshToken !== record?.refreshToken;
    if (rotated) {
      const grant = withRefreshToken(TokenSet.from(record!), token.refreshToken);
      try {
        if (!(await lease.commit(grant.toRecord()))) return undefined;
      } catch {
        writeBack.keep(binding.grantKey, grant, lease, () => feed.wrote(binding.grantKey));
      }
      feed.wrote(binding.grantKey);
    }
    const variant = withoutRefreshToken(token);
    try {
      await store.set(binding.key, variant.toRecord());
      if (!rotated) await lease.release();
      feed.wrote(binding.key);
    } catch {
      // A variant costs one refresh to get again: this process uses it, others fetch their own.
      writeBack.keepInMemory(binding.key, variant);
    }
    return variant;
  }

  async #variantUnder(held: LeasedRun): Promise<LeasedRun | TokenSet> {
    const { store } = this.#parts;
    const record = await store.get(held.binding.key).catch((cause: unknown) => {
      throw storeError(held.binding.key, cause);
    });
    if (!this.#meets(held, record)) return held;
    await held.lease?.release();
    return TokenSet.from(record!);
  }

  /** Somebody set or deleted the token meanwhile: theirs stands, ours is revoked. */
  #discard({ binding, token, record }: RenewedRun): void {
    const { events, clock, revocation, work } = this.#parts;
    events.emit(binding.key, {
      type: 'superseded',
      at: clock.now(),
      fingerprint: token.fingerprint,
    });
    if (!revocation.known) return;
    const { refreshToken, accessToken } = token;
    const isNew = refreshToken !== undefined && refreshToken !== record?.refreshToken;
    const revoked = work.run(`revocation of a superseded token of ${binding.client}`, () =>
      isNew
        ? revocation.revoke(binding, refreshToken, 'refresh_token')
        : revocation.revoke(binding, accessToken, 'access_token'),
    );
    revoked.catch((error: unknown) => {
      const what = error instanceof OAuthClientError ? error.code : 'unknown';
      events.emit(binding.key, { type: 'revocation_failed', at: clock.now(), error: what });
    });
  }

  async #theirs(run: RenewedRun): Promise<TokenSet> {
    const { binding } = run;
    const theirs = await this.#parts.store.get(binding.key);
    if (theirs && this.#meets(run, theirs)) return TokenSet.from(theirs);
    const grant = binding.variant ? await this.#parts.store.get(binding.grantKey) : theirs;
    if (grant) throw new Overtaken();
    throw new AuthorizationRequiredError({
      client: binding.client,
      subject: binding.subject,
      reason: 'no_token',
      problem: 'The token was cleared while it was renewed.',
    });
  }

  #announce(run: RenewedRun): void {
    const { events, clock } = this.#parts;
    const { token, binding } = run;
    events.emit(binding.key, {
      type: run.first ? 'fetched' : 'refreshed',
      at: clock.now(),
      durationMs: Math.round(performance.now() - run.startedAt),
      attempts: run.attempts.count,
      fingerprint: token.fingerprint,
      ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    });
  }

  #meets(run: RenewalRun, record: TokenRecord | undefined, leewaySeconds?: number): boolean {
    const { clock, settings } = this.#parts;
    const leeway = leewaySeconds ?? settings.refresh.leewaySeconds;
    return meetsDemand(record, run.demand, clock.now() / 1000, leeway);
  }

  #isVariantOfGrant({ binding }: RenewalRun): boolean {
    return binding.variant !== undefined && this.#parts.settings.actsForUsers;
  }
}
