import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { compactDecrypt } from 'jose';
import {
  ConfigurationError,
  MemoryAuthorizationRequestStore,
  TokenStoreError,
  type AuthorizationRequestRecord,
  type AuthorizationRequestStore,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { EncryptedAuthorizationRequestStore } from '../../lib/store/encrypted.authorization-request-store.js';
import { failure } from '../support/failure.js';
import { newKey } from './encrypted.fixtures.js';

const TTL_MS = 60_000;

function request(changes: Partial<AuthorizationRequestRecord> = {}): AuthorizationRequestRecord {
  return {
    client: 'github',
    subject: 'secret-alice',
    redirectUri: 'https://secret.example/callback',
    codeVerifier: 'secret-verifier',
    nonce: 'secret-nonce',
    scope: ['secret-scope'],
    bindingHash: 'secret-binding',
    returnTo: '/secret',
    createdAt: 1_700_000_000_000,
    ...changes,
  };
}

/** A store whose requests anybody may change. */
class OpenStore implements AuthorizationRequestStore {
  readonly requests = new Map<string, AuthorizationRequestRecord>();

  async save(stateHash: string, given: AuthorizationRequestRecord): Promise<boolean> {
    if (this.requests.has(stateHash)) return false;
    this.requests.set(stateHash, given);
    return true;
  }
  async take(stateHash: string): Promise<AuthorizationRequestRecord | undefined> {
    const taken = this.requests.get(stateHash);
    this.requests.delete(stateHash);
    return taken;
  }
}

function bench(key = newKey()) {
  const inner = new OpenStore();
  const store = new EncryptedAuthorizationRequestStore(inner, { keys: [{ kid: 'one', key }] });
  return { inner, store, key };
}

describe('an EncryptedAuthorizationRequestStore', () => {
  it('gives a request back as it was saved, once', async () => {
    const inner = new MemoryAuthorizationRequestStore();
    const store = new EncryptedAuthorizationRequestStore(inner, { keys: [newKey()] });
    expect(await store.save('state', request(), TTL_MS)).toBe(true);
    expect(await store.save('state', request({ subject: 'mallory' }), TTL_MS)).toBe(false);
    expect(await store.take('state')).toEqual(request());
    expect(await store.take('state')).toBeUndefined();
  });

  it('leaves the client and the time in clear, and nothing else', async () => {
    const { inner, store } = bench();
    await store.save('state', request(), TTL_MS);
    const stored = inner.requests.get('state');
    expect(stored).toEqual({
      client: 'github',
      subject: '',
      scope: [],
      createdAt: 1_700_000_000_000,
      codeVerifier: expect.any(String),
    });
    expect(JSON.stringify(stored)).not.toContain('secret');
  });

  it('writes what jose decrypts', async () => {
    const { inner, store, key } = bench();
    await store.save('state', request(), TTL_MS);
    const jwe = inner.requests.get('state')!.codeVerifier!;
    const { plaintext } = await compactDecrypt(jwe, Buffer.from(key, 'base64'));
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(request());
  });

  it('refuses a request that was saved under another state', async () => {
    const { inner, store } = bench();
    await store.save('hers', request(), TTL_MS);
    await store.save('his', request(), TTL_MS);
    inner.requests.set('hers', inner.requests.get('his')!);
    const error = await failure(store.take('hers'), TokenStoreError);
    expect(error.message).toContain('OAuth client "github"');
    expect(error.message).toContain('Start again with authorizationUrl()');
  });

  it('refuses a request whose client was changed', async () => {
    const { inner, store } = bench();
    await store.save('state', request(), TTL_MS);
    inner.requests.set('state', { ...inner.requests.get('state')!, client: 'gitlab' });
    await failure(store.take('state'), TokenStoreError);
  });

  it('refuses a request of another key', async () => {
    const { inner, store } = bench();
    await bench().store.save('state', request(), TTL_MS);
    const other = new EncryptedAuthorizationRequestStore(inner, {
      keys: [{ kid: 'other', key: newKey() }],
    });
    await other.save('state', request(), TTL_MS);
    const error = await failure(store.take('state'), TokenStoreError);
    expect(error.message).toContain('a key named "other", which is not in the key ring');
  });

  it('refuses a request that is not encrypted, unless it is told to take it', async () => {
    const { inner, store } = bench();
    await inner.save('one', request());
    await failure(store.take('one'), TokenStoreError);
    await inner.save('two', request());
    const lenient = new EncryptedAuthorizationRequestStore(inner, {
      keys: [newKey()],
      allowPlain: true,
    });
    expect(await lenient.take('two')).toEqual(request());
  });

  it('refuses a key that is none', () => {
    const make = () =>
      new EncryptedAuthorizationRequestStore(new OpenStore(), { keys: ['secret-short'] });
    expect(make).toThrow(ConfigurationError);
  });

  it('closes the store that it wraps', async () => {
    let closed = 0;
    const wrapped = Object.assign(new OpenStore(), { close: async () => void (closed += 1) });
    const store = new EncryptedAuthorizationRequestStore(wrapped, { keys: [randomBytes(32)] });
    await store.close();
    expect(closed).toBe(1);
  });

  it('shows no key and no request when it is printed', async () => {
    const { store } = bench();
    await store.save('state', request(), TTL_MS);
    expect(inspect(store, { depth: 10, showHidden: true })).toBe(
      'EncryptedAuthorizationRequestStore { kids: ["one"] }',
    );
    expect(JSON.stringify(store)).toBe('{"kids":["one"]}');
  });
});
