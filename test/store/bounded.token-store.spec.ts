import type { TokenKey } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { BoundedTokenStore } from '../../lib/store/bounded.token-store.js';
import { PlainStore } from '../support/plain-store.js';
import { collect } from './encrypted.fixtures.js';

const KEYS = ['alice', 'bob', 'carol'].map((subject) => ({ client: 'github', subject }));

/** A store that holds something open while its keys are listed. */
class CursorStore extends PlainStore {
  readonly cursors: string[] = [];

  async *keys(): AsyncGenerator<TokenKey> {
    this.cursors.push('opened');
    try {
      yield* KEYS;
    } finally {
      this.cursors.push('closed');
    }
  }
}

describe('a store whose keys are listed', () => {
  it('lets go of its cursor when the listing is left early', async () => {
    const inner = new CursorStore();
    for await (const key of new BoundedTokenStore(inner).keys!({})) {
      expect(key).toEqual(KEYS[0]);
      break;
    }
    expect(inner.cursors).toEqual(['opened', 'closed']);
  });

  it('lets go of it when whoever lists them fails', async () => {
    const inner = new CursorStore();
    const listing = async () => {
      for await (const { subject } of new BoundedTokenStore(inner).keys!({})) {
        throw new Error(subject);
      }
    };
    await expect(listing()).rejects.toThrow('alice');
    expect(inner.cursors).toEqual(['opened', 'closed']);
  });

  it('gives all of them to the end', async () => {
    const inner = new CursorStore();
    const all = await collect(new BoundedTokenStore(inner).keys!({}));
    expect(all).toEqual(KEYS);
    expect(inner.cursors).toEqual(['opened', 'closed']);
  });
});
