import { isTokenRecord, type TokenRecord } from '../protocol/token-record.js';
import { refreshLifetimes } from './record-lifetime.js';
import type { SealedContent } from './sealed-content.js';
import { SealingProblem } from './sealing-problem.js';
import type { TokenKey } from './token-key.js';

/** Stands where the secrets of a record were. */
const MARK = 'encrypted';

/** A record, with the subject where its key does not say it. */
export interface OpenedRecord {
  readonly record: TokenRecord;
  readonly subject?: string;
  /** Encrypted with the newest key: nothing to do for a rotation. */
  readonly isNewest: boolean;
}

/**
 * Records as the wrapped store gets them. In clear stay `version`, `obtainedAt`, `expiresAt`,
 * whether there is a refresh token, since when and how long it lasts: what a store compares, and what it expires
 * records by. All is in a compact JWE under `raw.jwe`, bound to client, subject, variant and version.
 *
 * The access token is empty, so that this is no record for a pipeline that reads it undecrypted: an
 * error, where it would otherwise send the mark of the refresh token and take the server's refusal
 * for the end of the grant.
 */
export class SealedRecords {
  readonly #content: SealedContent;
  readonly #allowPlain: boolean;

  constructor(content: SealedContent, allowPlain: boolean) {
    this.#content = content;
    this.#allowPlain = allowPlain;
  }

  /** The newest key is at hand from now on: nothing that is spent waits for it. */
  async ready(): Promise<void> {
    await this.#content.ring.newest();
  }

  /** Encrypts a record for its place. */
  async seal(place: TokenKey, record: TokenRecord, subject?: string): Promise<TokenRecord> {
    const { version, obtainedAt, refreshObtainedAt, expiresAt, refreshToken, raw } = record;
    const text = JSON.stringify(subject === undefined ? record : { subject, record });
    const jwe = await this.#content.seal(text, bindingOf(place, version));
    return {
      format: 1,
      version,
      obtainedAt,
      accessToken: '',
      tokenType: MARK,
      ...(refreshToken !== undefined && { refreshToken: MARK }),
      ...(refreshObtainedAt !== undefined && { refreshObtainedAt }),
      ...(expiresAt !== undefined && { expiresAt }),
      scope: [],
      raw: { jwe, ...refreshLifetimes(raw) },
    };
  }

  /** Decrypts what is stored at a place. */
  async open(place: TokenKey, stored: TokenRecord): Promise<OpenedRecord> {
    const jwe = jweOf(stored);
    if (jwe === undefined) return this.#plain(stored);
    const { content, isNewest } = await this.#content.open(jwe, bindingOf(place, stored.version));
    const { subject, record } =
      typeof content === 'object' && content !== null && 'record' in content
        ? (content as { subject?: unknown; record: unknown })
        : { record: content };
    if (!isTokenRecord(record) || record.version !== stored.version) {
      throw new SealingProblem(
        'What was encrypted is of a format that this release does not know.',
        'Nothing was deleted: run the release that wrote it.',
      );
    }
    return { record, isNewest, ...(typeof subject === 'string' && { subject }) };
  }

  #plain(stored: TokenRecord): OpenedRecord {
    if (this.#allowPlain) return { record: stored, isNewest: false };
    throw new SealingProblem(
      'A record in the store is not encrypted.',
      'Nothing was deleted: set allowPlain until reencrypt() has encrypted what was there before, or find out who wrote it.',
    );
  }
}

function bindingOf({ client, subject, variant }: TokenKey, version: string) {
  return ['token', client, subject, variant, version];
}

function jweOf(stored: Partial<TokenRecord>): string | undefined {
  const jwe = stored.raw?.['jwe'];
  return stored.accessToken === '' && typeof jwe === 'string' ? jwe : undefined;
}
