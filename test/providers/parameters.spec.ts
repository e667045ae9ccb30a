import { ConfigurationError } from 'nestjs-oauth-client';
import {
  auth0,
  cognito,
  entra,
  facebook,
  github,
  gitlab,
  keycloak,
  mailchimp,
  okta,
  plentymarkets,
  salesforce,
  shopify,
  type Provider,
} from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';

const NO_HOST = [
  undefined,
  '',
  'evil.com/',
  'evil.com/x.okta.com',
  'evil.com?x.okta.com',
  'evil.com#x.okta.com',
  'evil.com\\x.okta.com',
  'x.okta.com@evil.com',
  'x.okta.com:443@evil.com',
  'x.okta.com\n',
  'https://x.okta.com',
  ['x.okta.com'],
];
const NO_LABEL = ['', 'x.evil.com', 'evil.com/', 'evil.com#', ['us6']];
const NO_SEGMENT = [
  undefined,
  '',
  '.',
  '..',
  'contoso.com/../common',
  'a\\b',
  'a?b',
  'a#b',
  'a\nb',
  '\ud800',
];
const NO_ADDRESS = [
  '',
  'sso.example',
  'https://evil.com?',
  'https://evil.com#',
  'https://a@evil.com',
  'https://evil.com\\@sso.example',
  'https://evil.com\t/',
  'ftp://sso.example',
  ['https://sso.example'],
];

/** A preset, one of its parameters, what else it needs, and what it cannot be. */
type Case = [preset: Provider<never>, parameter: string, more: object, wrong: readonly unknown[]];

const CASES: Case[] = [
  [okta, 'domain', {}, NO_HOST],
  [okta, 'authorizationServerId', { domain: 'x.okta.com' }, NO_SEGMENT.slice(1)],
  [auth0, 'domain', {}, NO_HOST],
  [cognito, 'userPoolId', {}, [...NO_SEGMENT, 'x.evil.com/_abc', 'eu-west-1']],
  [cognito, 'region', { userPoolId: 'eu-west-1_a' }, NO_LABEL],
  [cognito, 'domain', { userPoolId: 'eu-west-1_a' }, NO_HOST.slice(1)],
  [entra, 'tenant', {}, NO_SEGMENT],
  [facebook, 'version', {}, NO_SEGMENT.slice(1)],
  [keycloak, 'realm', { url: 'https://sso.example' }, NO_SEGMENT],
  [keycloak, 'url', { realm: 'staff' }, [undefined, ...NO_ADDRESS]],
  [gitlab, 'url', {}, NO_ADDRESS],
  [salesforce, 'loginUrl', {}, NO_ADDRESS],
  [plentymarkets, 'shopUrl', {}, [undefined, ...NO_ADDRESS]],
  [mailchimp, 'dc', {}, NO_LABEL],
  [mailchimp, 'metadataEndpoint', {}, [...NO_ADDRESS, 'http://login.example']],
  [shopify, 'shop', {}, [...NO_HOST, 'evil.example', 'a.b.myshopify.com']],
];
const WRONG = CASES.flatMap(([preset, parameter, more, values]) =>
  values.map((value) => ({ name: preset.providerName, preset, parameter, more, value })),
);

describe('a parameter that becomes part of an address', () => {
  it.each(WRONG)(
    '$name({ $parameter: $value }) is refused',
    async ({ name, preset, parameter, more, value }) => {
      const given = { clientId: 'c', ...more, [parameter]: value } as never;
      const error = await failure(() => preset(given), ConfigurationError);
      expect(error.message).toContain(`${name}({ ${parameter} })`);
      expect(error.message).toContain('such as');
    },
  );

  it('may end in a slash where it is an address', () => {
    const given = { clientId: 'c' };
    expect(gitlab({ ...given, url: 'https://git.example/gitlab/' })).toMatchObject({
      issuer: 'https://git.example/gitlab',
      baseURL: 'https://git.example/gitlab/api/v4',
    });
    expect(salesforce({ ...given, loginUrl: 'https://test.salesforce.com/' })).toMatchObject({
      tokenEndpoint: 'https://test.salesforce.com/services/oauth2/token',
    });
    expect(plentymarkets({ ...given, shopUrl: 'https://p1.my.plentysystems.com//' }).baseURL).toBe(
      'https://p1.my.plentysystems.com/rest',
    );
  });

  it('is no client id that leaves its place in the address', () => {
    expect(github({ clientId: '../../user' }).revocationEndpoint).toBe(
      'https://api.github.com/applications/..%2F..%2Fuser/token',
    );
  });

  it('may be an address of development where the client allows it', () => {
    const metadataEndpoint = 'http://127.0.0.1/metadata';
    expect(mailchimp({ clientId: 'c', metadataEndpoint, allowInsecureHttp: true }).fixes).toEqual([
      expect.any(Function),
    ]);
  });

  it('is a tenant of Entra in any case of its letters', () => {
    expect(entra({ clientId: 'c', tenant: 'Common' }).issuer).toBe(
      'https://login.microsoftonline.com/common/v2.0',
    );
  });
});
