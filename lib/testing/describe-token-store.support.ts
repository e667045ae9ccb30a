import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, TokenKey, TokenRecord, TokenStore } from '../index.js';

/** Makes the store of one test: the store, or the store and what is to be closed after the test. */
export type TokenStoreFactory = () =>
  | TokenStore
  | { readonly store: TokenStore; readonly close?: () => unknown }
  | Promise<TokenStore | { readonly store: TokenStore; readonly close?: () => unknown }>;

/** A part of the contract that a store may leave out. */
export type TokenStorePart = 'leases' | 'changes' | 'keys';

/** As much of a test framework as the suite needs: Vitest, Jest, Mocha, node:test. */
export interface TokenStoreTestRunner {
  /** Groups tests under a title. */
  readonly describe: (title: string, body: () => void) => unknown;
  /** Declares one test. */
  readonly it: (title: string, test: () => Promise<void>) => unknown;
}

/** What `describeTokenStore` may be told. */
export interface TokenStoreTestOptions extends Partial<TokenStoreTestRunner> {
  /** What the store leaves out: it stands in the suite's title. */
  readonly without?: readonly TokenStorePart[];
}

/** The parts of the contract that are optional, by the member that shows them. */
const MEMBERS = { leases: 'acquireLease', changes: 'changes$', keys: 'keys' } as const;
/** The same, in the order in which they are looked at. */
export const PARTS = Object.keys(MEMBERS) as TokenStorePart[];

/** How long anything that must happen is waited for, in milliseconds. */
const LIMIT_MS = 5_000;
/** A lease that outlasts every test, in milliseconds. */
export const LONG_MS = 60_000;
/** A lease that is meant to lapse, in milliseconds. */
export const SHORT_MS = 40;

/** The test framework that was passed, or the one whose functions are global. */
export function runnerOf(options: TokenStoreTestOptions): TokenStoreTestRunner {
  const { describe, it } = { ...(globalThis as Partial<TokenStoreTestRunner>), ...options };
  if (describe && it) return { describe, it };
  throw new TypeError(
    'describeTokenStore() found no global describe and it: pass them, { describe, it }.',
  );
}

/** Declares tests, each with a store of its own. */
export class TokenStoreTests {
  readonly #factory: TokenStoreFactory;
  readonly #it: TokenStoreTestRunner['it'];

  constructor(factory: TokenStoreFactory, it: TokenStoreTestRunner['it']) {
    this.#factory = factory;
    this.#it = it;
  }

  /** A test on a store, with a client that no other test has. */
  it(title: string, test: (bench: TokenStoreBench) => Promise<void>): void {
    this.#it(title, async () => {
      const made = await this.#factory();
      const { store, close } = 'store' in made ? made : { store: made, close: undefined };
      try {
        await test(new TokenStoreBench(store));
      } finally {
        await (close ? close() : store.close?.());
      }
    });
  }

  /** The test that a store leaves out what it says it does, and no more. */
  declared(part: TokenStorePart, has: boolean): void {
    const member = MEMBERS[part];
    this.it(has ? `has ${member}` : `says that it has no ${member}`, async ({ store }) => {
      const remedy = has ? `name '${part}' in without` : `take '${part}' out of without`;
      assert.equal(store[member] !== undefined, has, `${member}: if that is right, ${remedy}`);
    });
  }
}

/** What a test works with: the store, and keys and records that no other test has. */
export class TokenStoreBench {
  readonly client = `contract-${randomUUID()}`;

  constructor(readonly store: TokenStore) {}

  /** A key of this test's client. */
  key(subject = 'alice', variant?: string): TokenKey {
    return { client: this.client, subject, ...(variant !== undefined && { variant }) };
  }

  /** A lease that must be granted. */
  async lease(key: TokenKey, ttlMs = LONG_MS): Promise<Lease> {
    const lease = await this.tryLease(key, ttlMs);
    assert.ok(lease, 'the lease was not granted');
    return lease;
  }

  /** A lease, or `undefined` while somebody else holds it. */
  async tryLease(key: TokenKey, ttlMs = LONG_MS): Promise<Lease | undefined> {
    return this.store.acquireLease!(key, ttlMs);
  }

  /** A lease that was granted and has lapsed since, neither committed nor released. */
  async lapsedLease(key: TokenKey): Promise<Lease> {
    const lease = await this.lease(key, SHORT_MS);
    await this.passed(SHORT_MS);
    return lease;
  }

  /** Waits until leases that were granted for so long are over, by the store's own clock. */
  async passed(ttlMs: number): Promise<void> {
    const other = this.key(`clock ${randomUUID()}`);
    await this.lease(other, ttlMs);
    await until('a lease lapses', async () => (await this.tryLease(other)) !== undefined);
  }
}

/** A record as this library writes it, with everything that is optional. */
export function newRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    format: 1,
    version: randomUUID(),
    obtainedAt: 1_700_000_000,
    accessToken: `access ${randomUUID()}`,
    tokenType: 'Bearer',
    refreshToken: 'refresh {/:}\n ü 漢字 🙂',
    expiresAt: 1_700_003_600,
    scope: ['read', 'write'],
    idToken: 'header.claims.signature',
    claims: { iss: 'https://issuer.example', sub: 'alice' },
    raw: { access_token: 'access', nested: { list: [1, 'two', null, { three: true }] }, empty: '' },
    ...changes,
  };
}

/** Asks again and again, without a fixed sleep to guess, until the answer is yes. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < limit, `waited ${LIMIT_MS} ms in vain until ${what}`);
    await pause(5);
  }
}
