import { inspect } from 'node:util';
import {
  MissingTokenError,
  TokenSet,
  TokenStoreError,
  type TokenRecord,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';

const NOW = 1_700_000_000;

function tokenSet(fields: Record<string, unknown> = {}): TokenSet {
  return TokenSet.from(
    {
      access_token: 'at-secret',
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: 'rt-secret',
      scope: 'read write',
      id_token: 'it-secret',
      team: { id: 7 },
      ...fields,
    },
    { now: NOW },
  );
}

describe('a TokenSet', () => {
  it('reads a token response', () => {
    const token = tokenSet();
    expect(token).toMatchObject({
      accessToken: 'at-secret',
      tokenType: 'bearer',
      refreshToken: 'rt-secret',
      expiresAt: NOW + 3600,
      obtainedAt: NOW,
      scope: ['read', 'write'],
      idToken: 'it-secret',
    });
    expect(token.raw['team']).toEqual({ id: 7 });
    expect(token.claims).toBeUndefined();
  });

  it('reads what is empty, null or odd as absent', () => {
    const token = tokenSet({ refresh_token: '', id_token: null, token_type: null, scope: 5 });
    expect(token.refreshToken).toBeUndefined();
    expect(token.idToken).toBeUndefined();
    expect(token.tokenType).toBe('Bearer');
    expect(token.scope).toEqual([]);
  });

  it('assumes the scope that was asked for where the response names none', () => {
    const response = { access_token: 'a' };
    expect(TokenSet.from(response, { scope: ['read'] }).scope).toEqual(['read']);
    expect(TokenSet.from({ ...response, scope: '' }, { scope: ['read'] }).scope).toEqual([]);
  });

  it.each([{}, { access_token: '' }, { access_token: null }, { access_token: 7 }])(
    'refuses a response without an access token: %o',
    (response) => {
      expect(() => TokenSet.from(response as never)).toThrow(MissingTokenError);
    },
  );

  it('comes back from its record, through JSON and a structured clone, as it was', () => {
    const token = tokenSet();
    const record = token.toRecord();
    for (const copy of [record, structuredClone(record), JSON.parse(JSON.stringify(record))]) {
      expect(TokenSet.from(copy as TokenRecord).toRecord()).toEqual(record);
    }
    expect(TokenSet.from(structuredClone(record)).version).toBe(token.version);
  });

  it('has a version of its own each time it is obtained', () => {
    expect(tokenSet().version).not.toBe(tokenSet().version);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a later format', { format: 2 }],
    ['a format as text', { format: '1' }],
    ['no version', { version: undefined }],
    ['no access token', { accessToken: '' }],
    ['no scope', { scope: undefined }],
    ['a scope as text', { scope: 'read' }],
    ['an end as text', { expiresAt: '1' }],
    ['a refresh token that is none', { refreshToken: 7 }],
    ['no raw response', { raw: null }],
    ['no time', { obtainedAt: 'now' }],
  ])('refuses a stored record with %s', (_what, changes) => {
    const record = { ...tokenSet().toRecord(), ...changes } as unknown as TokenRecord;
    expect(() => TokenSet.from(record)).toThrow(TokenStoreError);
  });

  it('cannot be changed, nor through what it was made from or gives out', () => {
    const response = { access_token: 'a', scope: ['read'], team: { id: 7 } };
    const token = TokenSet.from(response);
    response.access_token = 'b';
    response.scope.push('admin');
    response.team.id = 8;
    expect(token.accessToken).toBe('a');
    expect(token.scope).toEqual(['read']);
    expect(token.raw['team']).toEqual({ id: 7 });
    expect(Reflect.set(token, 'accessToken', 'c')).toBe(false);
    expect(Reflect.set(token.scope, 0, 'c')).toBe(false);
    expect(Reflect.set(token.raw['team'] as object, 'id', 9)).toBe(false);
    expect(Reflect.set(token.toRecord(), 'accessToken', 'c')).toBe(false);
    expect(token.accessToken).toBe('a');
  });

  it('knows whether it has expired, by whose clock it may be', () => {
    const token = tokenSet();
    expect(token.isExpiredAt(NOW + 3599)).toBe(false);
    expect(token.isExpiredAt(NOW + 3600)).toBe(true);
    expect(token.isExpiredAt(NOW + 3539, 60)).toBe(false);
    expect(token.isExpiredAt(NOW + 3540, 60)).toBe(true);
    expect(token.isExpired()).toBe(true);
    expect(token.expiresIn()).toBeLessThan(0);
  });

  it('counts a leeway for a quarter of its lifetime at most', () => {
    const token = tokenSet({ expires_in: 100 });
    expect(token.isExpiredAt(NOW + 74, 60)).toBe(false);
    expect(token.isExpiredAt(NOW + 75, 60)).toBe(true);
    expect(tokenSet({ expires_in: '-1' }).isExpiredAt(NOW, 60)).toBe(true);
  });

  it('has not expired as long as nobody knows when it does', () => {
    const token = tokenSet({ expires_in: undefined });
    expect(token.isExpiredAt(NOW * 2, 60)).toBe(false);
    expect(token.expiresIn()).toBeUndefined();
  });

  it('shows no secret, however it is shown', () => {
    const token = tokenSet();
    const shown = [
      JSON.stringify(token),
      JSON.stringify(Object.entries(token)),
      inspect(token, { depth: 10, showHidden: true }),
      inspect([{ token }], { depth: 10, showHidden: true }),
      String(token),
      JSON.stringify(structuredClone(Object.entries(token))),
    ].join('\n');
    expect(shown).not.toContain('-secret');
    expect(shown).toContain(token.fingerprint);
  });
});
