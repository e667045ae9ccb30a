import { describe, expect, it } from 'vitest';
import { AllowedOrigins, isOriginPattern } from '../../lib/protocol/origin.js';

describe('allowed origins', () => {
  it.each([
    [['https://api.example'], 'https://api.example/x?y#z', true],
    [['https://api.example'], 'https://API.example:443/x', true],
    [['https://api.example/'], 'https://api.example/x', true],
    [['https://api.example'], 'http://api.example/x', false],
    [['https://api.example'], 'https://api.example:8443/x', false],
    [['https://api.example'], 'https://api.example.evil/x', false],
    [['https://api.example'], 'https://evil/api.example', false],
    [['https://api.example'], 'https://api.example@evil/x', false],
    [['https://api.example'], 'https://sub.api.example/x', false],
    [['https://api.example'], 'https://api.example./x', false],
    [['https://api.example:8443'], 'https://api.example:8443/x', true],
    [['https://*.example.com'], 'https://a.example.com/', true],
    [['https://*.example.com'], 'https://a.b.example.com/', true],
    [['https://*.example.com'], 'https://example.com/', false],
    [['https://*.example.com'], 'https://evilexample.com/', false],
    [['https://*.example.com'], 'https://a.example.com.evil/', false],
    [['https://*.example.com'], 'http://a.example.com/', false],
    [['https://*.example.com'], 'https://a.example.com:444/', false],
    [['https://*.example.com:444'], 'https://a.example.com:444/', true],
    [[], 'https://api.example/', false],
  ])('%o and %s: %s', (origins, url, expected) => {
    expect(new AllowedOrigins(origins).allows(new URL(url))).toBe(expected);
  });

  it('are counted', () => {
    expect(new AllowedOrigins(['https://a.example', 'https://*.b.example']).size).toBe(2);
    expect(new AllowedOrigins([]).size).toBe(0);
  });
});

describe('an origin pattern', () => {
  it.each([
    ['https://api.example', true],
    ['https://api.example:8443', true],
    ['http://127.0.0.1:3000', true],
    ['https://*.example.com', true],
    ['https://api.example/', true],
    ['https://api.example/path', false],
    ['https://api.example?x', false],
    ['https://user@api.example', false],
    ['https://*', false],
    ['https://a.*.example', false],
    ['https://*a.example', false],
    ['*.example.com', false],
    ['ftp://api.example', false],
    ['api.example', false],
    ['https://', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isOriginPattern(text)).toBe(expected);
  });
});
