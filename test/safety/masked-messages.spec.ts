import { describe, expect, it } from 'vitest';
import { masked } from '../../lib/errors/masked.js';
import { safeCause } from '../../lib/errors/safe-cause.js';

describe('a text that may hold secrets', () => {
  it.each([
    [
      'GET https://vault.example/v1?token=hvs.SECRET',
      'GET https://vault.example/v1?token=[redacted]',
    ],
    ['GET /login?u=bob&p=hunter#x', 'GET /login?u=[redacted]&p=[redacted]#x'],
    ['redis://user:hunter@cache.example:6379', 'redis://[redacted]@cache.example:6379'],
    ['sent Bearer abc', 'sent Bearer [redacted]'],
    ['sent Basic YTpi', 'sent Basic [redacted]'],
    ['no such key: swordfish', 'no such key: [redacted]'],
    ['code 123456 is unknown', 'code [redacted] is unknown'],
    ['password is tr0ub', 'password is [redacted]'],
    ['refused sw0rdfish', 'refused [redacted]'],
    ['refused swordfishswordfish', 'refused swordfishswordfish'],
    ['refused swordfishswordfishswordfish', 'refused [redacted]'],
  ])('%s', (text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:6379',
    'getaddrinfo ENOTFOUND login.accounts.example.com',
    'no connection (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    'ENOENT: no such file or directory, open /run/secrets/kubernetes.io/serviceaccount/ca.crt',
    'Bearer authentication is required',
    'read only replica',
  ])('keeps what tells where to look: %s', (text) => {
    expect(masked(text)).toBe(text);
  });
});

describe('a long text', () => {
  it('is looked at for a short while, and never cut in the middle of a word', () => {
    const startedAt = performance.now();
    expect(masked('token'.repeat(50_000))).toBe('');
    expect(masked(`${'word '.repeat(799)}12 swordfish`)).toBe('word '.repeat(799) + '12');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('a foreign error', () => {
  it('loses what its message may hold of secrets', () => {
    const cause = safeCause(new Error('GET https://vault.example/v1?token=hvs.SECRETTOKEN failed'));
    expect(cause.message).toBe('GET https://vault.example/v1?token=[redacted] failed');
  });
});
