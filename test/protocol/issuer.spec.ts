import { describe, expect, it } from 'vitest';
import { answersFor, isIssuer } from '../../lib/protocol/issuer.js';

const ENTRA = 'https://login.microsoftonline.com/{tenantid}/v2.0';
const tenant = (name: string) => `https://login.microsoftonline.com/${name}/v2.0`;

describe('isIssuer', () => {
  it.each([
    ['https://a.example', 'https://a.example', true],
    ['https://a.example', 'https://a.example/', true],
    ['https://a.example/', 'https://a.example', true],
    ['https://a.example', 'https://a.example/x', false],
    ['https://a.example', 'https://b.example', false],
    ['https://a.example', undefined, false],
  ])('of %s: %s is %s', (expected, issuer, result) => {
    expect(isIssuer(expected, issuer)).toBe(result);
  });

  it('is every tenant of an issuer for many, and the one that is named', () => {
    expect(isIssuer(ENTRA, tenant('9188040d-6c67'))).toBe(true);
    expect(isIssuer(ENTRA, tenant('t1'), 't1')).toBe(true);
    expect(isIssuer(ENTRA, tenant('t1'), 't2')).toBe(false);
    expect(isIssuer(ENTRA, tenant('a/b'))).toBe(false);
    expect(isIssuer(ENTRA, tenant(''))).toBe(false);
    expect(isIssuer(ENTRA, 'https://evil.example/t1/v2.0')).toBe(false);
    expect(isIssuer('https://login.example/t1', 'https://login.example/t2')).toBe(false);
  });
});

describe('answersFor', () => {
  it('is the issuer itself, the same with a slash, or the one for all tenants', () => {
    expect(answersFor('https://a.example', 'https://a.example')).toBe(true);
    expect(answersFor('https://a.example/', 'https://a.example')).toBe(true);
    expect(answersFor(ENTRA, tenant('common'))).toBe(true);
    expect(answersFor('https://b.example', 'https://a.example')).toBe(false);
    expect(answersFor('https://evil.example/{tenantid}/v2.0', tenant('common'))).toBe(false);
    expect(answersFor(tenant('other'), tenant('common'))).toBe(false);
  });
});
