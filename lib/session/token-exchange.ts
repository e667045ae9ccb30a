import { defer, firstValueFrom } from 'rxjs';
import { TokenStoreError } from '../errors/store.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import { ExchangeFailure } from '../pipeline/exchange-failure.js';
import { retryExchange } from '../pipeline/exchange-retry.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import type { GrantRequest } from '../pipeline/grant-request.js';
import { judgeScope } from '../pipeline/scope-judge.js';
import type { TokenSource } from '../pipeline/token-source.js';
import { TokenSet } from '../protocol/token-set.js';
import type { IdTokenClaims, TokenResponse } from '../protocol/token-record.js';

/** Gets a token outside a renewal, and stores it: what it brings wins over a renewal in flight. */
export class TokenExchange {
  readonly #parts: ClientParts;
  readonly #source: TokenSource;

  constructor(parts: ClientParts, source: TokenSource) {
    this.#parts = parts;
    this.#source = source;
  }

  /** Sends a grant request and stores the token. */
  exchange(binding: GrantBinding, grant: GrantRequest): Promise<TokenSet> {
    return this.attempt(binding, grant).catch((error: unknown) => {
      throw error instanceof ExchangeFailure ? error.error : error;
    });
  }

  /** As {@link TokenExchange.exchange}; fails with an {@link ExchangeFailure} that can be judged. */
  attempt(binding: GrantBinding, grant: GrantRequest): Promise<TokenSet> {
    const { work, settings, endpoint, refreshExtensions } = this.#parts;
    refreshExtensions();
    const startedAt = performance.now();
    const attempts = { count: 0, unsure: false };
    return work.run(`token request of ${settings.name}`, async () => {
      const answer = await firstValueFrom(
        defer(() => {
          attempts.count += 1;
          return endpoint.request(grant, binding);
        }).pipe(
          retryExchange(attempts, {
            repeatable: grant.repeatable,
            patienceMs: settings.refresh.timeoutMs,
          }),
        ),
      );
      return this.accept(binding, answer, {
        scope: grant.scope,
        durationMs: Math.round(performance.now() - startedAt),
        attempts: attempts.count,
      });
    });
  }

  /** Stores a token response, tells who wants to know, and judges its scope. */
  async accept(
    binding: GrantBinding,
    { response, claims }: { response: TokenResponse; claims: IdTokenClaims | undefined },
    about: { scope: readonly string[] | undefined; durationMs?: number; attempts?: number },
  ): Promise<TokenSet> {
    const { settings, clock, events, handlers } = this.#parts;
    const { scope, ...figures } = about;
    const token = TokenSet.from(response, {
      now: clock.now() / 1000,
      scope,
      claims,
      defaultExpiresIn: settings.defaultExpiresInSeconds,
    });
    const previous = await this.#previous(binding);
    await this.#source.set(binding, token);
    events.emit(binding.key, {
      type: 'fetched',
      at: clock.now(),
      fingerprint: token.fingerprint,
      ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
      ...figures,
    });
    const { client, subject } = binding;
    await handlers.tell(token, { client, subject, previous });
    judgeScope(this.#parts, binding, token);
    return token;
  }

  /** The token to be replaced. One that cannot be read must not cost the user the new one. */
  async #previous(binding: GrantBinding): Promise<TokenSet | undefined> {
    try {
      return await this.#source.stored(binding);
    } catch (error) {
      if (error instanceof TokenStoreError) return undefined;
      throw error;
    }
  }
}
