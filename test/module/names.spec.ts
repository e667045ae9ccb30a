import { describe, expect, it } from 'vitest';
import { diagnosticsOf } from '../support/compiler.js';

const IMPORTS = `
import { OAuthClient, getOAuthClientToken, type OAuthSession } from 'nestjs-oauth-client';
`;
const MERGED = `
declare module 'nestjs-oauth-client' {
  interface OAuthClients {
    github: true;
    billing: true;
  }
}
`;
const consumer = (name: string) => `
export class Consumer {
  constructor(@OAuthClient('${name}') readonly session: OAuthSession) {}
}
export class ByProperty {
  @OAuthClient('${name}') readonly session!: OAuthSession;
}
`;

// The first program parses the library and all that it imports.
describe('the names of clients', { timeout: 60_000 }, () => {
  it('are any text while none are merged into OAuthClients', () => {
    expect(diagnosticsOf(IMPORTS + consumer('github'))).toEqual([]);
    expect(diagnosticsOf(IMPORTS + consumer('githbu'))).toEqual([]);
  });

  it('are checked by the compiler once they are merged', () => {
    expect(diagnosticsOf(IMPORTS + MERGED + consumer('github'))).toEqual([]);
    const misspelt = expect.stringContaining(`'"githbu"' is not assignable to parameter of type`);
    expect(diagnosticsOf(IMPORTS + MERGED + consumer('githbu'))).toEqual([misspelt, misspelt]);
  });

  it('are any text for getOAuthClientToken, which tests call with whatever they replace', () => {
    const text = `export const token = getOAuthClientToken('tenant-42');`;
    expect(diagnosticsOf(IMPORTS + MERGED + text)).toEqual([]);
  });
});

describe('the options of an async root', { timeout: 60_000 }, () => {
  const root = (options: string) => `
import { OAuthClientModule } from 'nestjs-oauth-client';
import { registerAs } from '@nestjs/config';
const config = registerAs('oauth', () => ({ clients: { github: ${options} } }));
export const root = OAuthClientModule.forRootAsync({ names: ['github'], ...config.asProvider() });
`;

  it('take what a config namespace infers, words widened to text', () => {
    const options = `{
      clientId: process.env['ID']!,
      clientSecret: process.env['SECRET'],
      issuer: 'https://login.example',
      clientAuthentication: { method: 'client_secret_basic', encoding: 'raw' },
      grant: 'client_credentials',
      pkce: 'S256',
      scope: ['read'],
      http: { headers: { 'x-app': 'mine' }, timeout: 5_000 },
    }`;
    expect(diagnosticsOf(root(options))).toEqual([]);
  });

  it('do not take what could never be right', () => {
    const [message] = diagnosticsOf(root(`{ clientId: 42, issuer: 'https://login.example' }`));
    expect(message).toContain(`Type 'number' is not assignable to type 'string'`);
  });

  it('are checked to the word where a factory says what it returns', () => {
    const text = `
import type { OAuthClientModuleOptions } from 'nestjs-oauth-client';
export const make = (): OAuthClientModuleOptions => ({
  clients: { github: { clientId: 'x', grant: 'client_credential' } },
});
`;
    expect(diagnosticsOf(text)).toHaveLength(1);
  });
});
