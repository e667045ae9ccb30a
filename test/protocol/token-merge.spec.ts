import { describe, expect, it } from 'vitest';
import {
  mergeRenewed,
  withRefreshToken,
  withoutRefreshToken,
} from '../../lib/protocol/token-merge.js';
import { TokenSet } from '../../lib/protocol/token-set.js';

const NOW = 1_700_000_000;
const previous = TokenSet.from(
  { access_token: 'a1', refresh_token: 'r1', scope: 'read write', expires_in: 60 },
  { now: NOW - 60 },
);

describe('a renewed token', () => {
  it('takes everything from the answer that it brings', () => {
    const answer = { access_token: 'a2', refresh_token: 'r2', scope: 'read', expires_in: 60 };
    const token = mergeRenewed(previous, answer, { now: NOW });
    expect(token).toMatchObject({
      accessToken: 'a2',
      refreshToken: 'r2',
      scope: ['read'],
      expiresAt: NOW + 60,
    });
    expect(token.version).not.toBe(previous.version);
  });

  it.each([undefined, '', null])('keeps the refresh token when the answer says %o', (value) => {
    const answer = { access_token: 'a2', refresh_token: value as string };
    expect(mergeRenewed(previous, answer, { now: NOW }).refreshToken).toBe('r1');
  });

  it('clears an end that the answer does not repeat', () => {
    expect(mergeRenewed(previous, { access_token: 'a2' }, { now: NOW }).expiresAt).toBeUndefined();
  });

  it('keeps the granted scope when the answer names none', () => {
    const answer = { access_token: 'a2' };
    expect(mergeRenewed(previous, answer, { now: NOW }).scope).toEqual(['read', 'write']);
    expect(mergeRenewed(previous, answer, { now: NOW, scope: ['read'] }).scope).toEqual(['read']);
  });

  it('has no refresh token where there never was one', () => {
    const token = mergeRenewed({ scope: [] }, { access_token: 'a2' }, { now: NOW });
    expect(token.refreshToken).toBeUndefined();
  });
});

describe('a token with another refresh token', () => {
  it('is the same but for that, how long it lasts, and its version', () => {
    const answer = { access_token: 'a2', refresh_token: 'r2', refresh_expires_in: 1800, other: 1 };
    const token = withRefreshToken(previous, TokenSet.from(answer, { now: NOW + 60 }));
    expect(token.toRecord()).toEqual({
      ...previous.toRecord(),
      refreshToken: 'r2',
      refreshObtainedAt: NOW + 60,
      raw: { ...previous.raw, refresh_expires_in: 1800 },
      version: token.version,
    });
    expect(token.version).not.toBe(previous.version);
  });
});

describe('a token without its refresh token', () => {
  it('holds it nowhere', () => {
    const answer = { access_token: 'a', refresh_token: 'rt-secret', extra: 1 };
    const record = withoutRefreshToken(TokenSet.from(answer)).toRecord();
    expect(JSON.stringify(record)).not.toContain('rt-secret');
    expect(record.raw).toEqual({ access_token: 'a', extra: 1 });
  });
});
