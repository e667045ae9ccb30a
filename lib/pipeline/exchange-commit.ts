import { TokenStoreError } from '../errors/store.errors.js';
import { obtainedToken, withoutRefreshToken } from '../protocol/token-merge.js';
import { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { GrantBinding } from './grant-binding.js';
import { judgeScope } from './scope-judge.js';
import type { GrantResponse } from './token-endpoint.js';
import { tokenReading } from './token-reading.js';
import { tokenFigures } from './token-events.js';
import type { TokenSource } from './token-source.js';

/** What is known of the exchange that brought a token. */
export interface ExchangeFigures {
  /** The scope that was asked for. */
  readonly scope: readonly string[] | undefined;
  readonly durationMs?: number;
  readonly attempts?: number;
}

/** The last stage of an exchange: what the user has agreed to is stored, and must not be lost. */
export class ExchangeCommit {
  readonly #parts: ClientParts;
  readonly #source: TokenSource;

  constructor(parts: ClientParts, source: TokenSource) {
    this.#parts = parts;
    this.#source = source;
  }

  /** What a token response says, read on its arrival. */
  read({ response, claims }: GrantResponse, scope: readonly string[] | undefined): TokenSet {
    const { settings, clock } = this.#parts;
    const now = clock.now() / 1000;
    return obtainedToken(response, { now, scope, claims, ...tokenReading(settings) });
  }

  /** Stores a token response, tells who wants to know, and judges its scope. */
  async accept(
    binding: GrantBinding,
    answer: GrantResponse,
    figures: ExchangeFigures,
  ): Promise<TokenSet> {
    return this.keep(binding, this.read(answer, figures.scope), figures);
  }

  /** As {@link ExchangeCommit.accept}, of a response that was read already. */
  async keep(
    binding: GrantBinding,
    obtained: TokenSet,
    { scope: _asked, ...figures }: ExchangeFigures,
  ): Promise<TokenSet> {
    const { clock, events, handlers } = this.#parts;
    const previous = await this.#previous(binding);
    const token = await this.#store(binding, obtained);
    events.emit(binding.key, {
      type: 'fetched',
      at: clock.now(),
      ...tokenFigures(token),
      ...figures,
    });
    const { client, subject } = binding;
    await handlers.tell(token, { client, subject, previous });
    judgeScope(this.#parts, binding, token);
    return token;
  }

  /** Revokes in the background what came when nobody waited for it any more. */
  discard(binding: GrantBinding, { response }: GrantResponse): void {
    const { access_token: accessToken, refresh_token: refreshToken } = response;
    this.#parts.unwanted.discard(binding, { accessToken, refreshToken });
  }

  /** A variant's refresh token becomes the grant's, whose own access token is to be fetched. */
  async #store(binding: GrantBinding, obtained: TokenSet): Promise<TokenSet> {
    if (binding.variant === undefined) {
      await this.#setOrKeep(binding, obtained);
      return obtained;
    }
    if (obtained.refreshToken !== undefined) {
      const { client, subject } = binding;
      const grant = grantOf(obtained, this.#parts.settings.scope);
      await this.#setOrKeep(new GrantBinding(client, subject), grant);
    }
    const variant = withoutRefreshToken(obtained);
    await this.#setOrKeep(binding, variant);
    return variant;
  }

  /** The code is spent: while the store is down the token is used, and written later. */
  async #setOrKeep(binding: GrantBinding, token: TokenSet): Promise<void> {
    const { writeBack, cache, feed } = this.#parts;
    const write = () => this.#source.set(binding, token);
    try {
      await write();
    } catch (error) {
      if (!(error instanceof TokenStoreError)) throw error;
      cache.drop(binding.id);
      writeBack.keep(binding.key, token, write);
      feed.wrote(binding.key);
    }
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

/**
 * The grant that a variant's token came with: its access token is not the grant's own, and of the
 * scope that the client asks for, it grants what it grants.
 */
function grantOf(variant: TokenSet, asked: readonly string[]): TokenSet {
  const { requestedScope: _ofVariant, ...record } = variant.toRecord();
  return TokenSet.from({
    ...record,
    ...(asked.length > 0 && { requestedScope: asked }),
    expiresAt: record.obtainedAt,
    version: crypto.randomUUID(),
  });
}
