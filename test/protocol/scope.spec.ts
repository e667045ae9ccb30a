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

  it.each([
    ['read;write', { separator: ';' }, ['read', 'write']],
    ['read; write', { separator: ';' }, ['read', 'write']],
    ['read write', { separator: ';' }, ['read', 'write']],
    ['a,b c', {}, ['a,b', 'c']],
    ['a, b,c', {}, ['a', 'b,c']],
    ['a,b', { asked: ['a,b'] }, ['a,b']],
    ['a,b', { asked: ['a', 'b'] }, ['a', 'b']],
    ['a,b c', { separator: ',' }, ['a', 'b', 'c']],
    ['a b', { separator: '' }, ['a', 'b']],
  ])('%o with %o is read as %o', (scope, options, expected) => {
    expect(scopeList(scope, options)).toEqual(expected);
  });
});
