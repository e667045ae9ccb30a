import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, compile, documents, scripts } from './documentation.js';
import { manifest, requireDist, root } from './repository.js';

beforeAll(requireDist);

describe('the documents', () => {
  const blocks = documents().flatMap((document) =>
    codeBlocks(document, readFileSync(join(root, document), 'utf8')),
  );

  it('begin with a README', () => {
    expect(documents()).toContain('README.md');
  });

  it('show code that compiles against the package', { timeout: 60_000 }, () => {
    expect(compile(blocks)).toEqual([]);
  });

  it('name npm scripts that exist', () => {
    const { scripts: known } = manifest();
    expect(scripts(blocks).filter(({ script }) => !(script in known))).toEqual([]);
  });
});

describe('the check itself', () => {
  const planted = (text: string) => codeBlocks('PLANTED.md', text.replaceAll("'''", '```'));

  it('knows the package, earlier files and given names, and finds what is wrong', () => {
    const text = `
# Title

'''ts
// file: names.ts
import { OAuthSession } from 'nestjs-oauth-client';
export type Session = OAuthSession;
'''

<!-- given:
declare const session: Session;
import type { Session } from './names.js';
-->
'''ts
session.get('/repositories');
session.fly();
'''
`;
    expect(compile(planted(text))).toEqual([
      "PLANTED.md:16: Property 'fly' does not exist on type 'OAuthSession'.",
    ]);
  });

  it('finds the scripts, also in a list', () => {
    const text = `
1. First:
   '''bash
   npm ci && npm test
   npm run nowhere -- --exit
   '''
`;
    expect(scripts(planted(text))).toEqual([
      { at: 'PLANTED.md:4', script: 'test' },
      { at: 'PLANTED.md:5', script: 'nowhere' },
    ]);
  });
});
