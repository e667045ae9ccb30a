import { describe, expect, it } from 'vitest';
import { answersFor, isIssuer, isSignedBy, judgedIssuer } from '../../lib/protocol/issuer.js';

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

  it('is every tenant of an issuer for many', () => {
    expect(isIssuer(ENTRA, tenant('9188040d-6c67'))).toBe(true);
    expect(isIssuer(ENTRA, tenant('a/b'))).toBe(false);
    expect(isIssuer(ENTRA, tenant(''))).toBe(false);
    expect(isIssuer(ENTRA, 'https://evil.example/t1/v2.0')).toBe(false);
    expect(isIssuer('https://login.example/t1', 'https://login.example/t2')).toBe(false);
  });
});

describe('isSignedBy', () => {
  it('demands the tenant of an issuer for many', () => {
    expect(isSignedBy(ENTRA, { iss: tenant('t1'), tid: 't1' })).toBe(true);
    expect(isSignedBy(ENTRA, { iss: tenant('t1'), tid: 't2' })).toBe(false);
    expect(isSignedBy(ENTRA, { iss: tenant('t1') })).toBe(false);
    expect(isSignedBy(ENTRA, { tid: 't1' })).toBe(false);
    expect(isSignedBy(tenant('t1'), { iss: tenant('t1') })).toBe(true);
    expect(isSignedBy(tenant('t1'), { iss: tenant('t2'), tid: 't1' })).toBe(false);
  });
});

describe('judgedIssuer', () => {
  it.each(['common', 'organizations', 'consumers'])('is every tenant for %s', (name) => {
    expect(judgedIssuer(ENTRA, tenant(name))).toBe(ENTRA);
  });

  it('is the one tenant that was configured', () => {
    expect(judgedIssuer(ENTRA, tenant('t1'))).toBe(tenant('t1'));
    expect(judgedIssuer(tenant('t1'), tenant('t1'))).toBe(tenant('t1'));
  });

  it('is as the server names itself, and never one that does not answer for it', () => {
    expect(judgedIssuer('https://a.example/', 'https://a.example')).toBe('https://a.example/');
    expect(judgedIssuer('https://b.example', 'https://a.example')).toBe('https://a.example');
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
