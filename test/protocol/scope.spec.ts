import { describe, expect, it } from 'vitest';
import { scopeList } from '../../lib/protocol/scope.js';

describe('a scope', () => {
  it.each([
    ['read write', ['read', 'write']],
    ['  read   write ', ['read', 'write']],
    ['read,write', ['read', 'write']],
    ['read, write', ['read', 'write']],
    ['read\twrite\nread', ['read', 'write']],
    ['', []],
    [
      ['read', 'write', 'read'],
      ['read', 'write'],
    ],
    [['read', 7, null, ''], ['read']],
    ['https://api.example/scope:read', ['https://api.example/scope:read']],
    [undefined, undefined],
    [null, undefined],
    [7, undefined],
    [{ read: true }, undefined],
  ])('%o is read as %o', (scope, expected) => {
    expect(scopeList(scope)).toEqual(expected);
  });
});
