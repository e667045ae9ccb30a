import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportsOf, publicExports, type PublicExport } from './public-exports.js';
import { manifest, root } from './repository.js';

describe('the public surface', () => {
  let entries: Map<string, PublicExport[]>;

  beforeAll(() => {
    entries = publicExports();
  });

  it('is what was reviewed: a difference is a decision, with a line in CHANGELOG.md', async () => {
    const sections = [...entries].flatMap(([entry, names]) =>
      (['value', 'type'] as const).map((kind) => {
        const listed = names.filter((exported) => exported.kind === kind);
        return `# ${entry}: ${kind}s\n${listed.map(({ name }) => `${name}\n`).join('')}`;
      }),
    );
    // After a decision: npm run test:packaging -- public-exports -u
    await expect(sections.join('\n')).toMatchFileSnapshot('public-exports.txt');
  });

  it('has at run time what the declarations promise', async () => {
    for (const [entry, names] of entries) {
      const target = manifest().exports[entry];
      if (typeof target !== 'object') continue;
      const path = pathToFileURL(join(root, target.default ?? '')).href;
      const exported = Object.keys((await import(/* @vite-ignore */ path)) as object).sort();
      const promised = names.filter(({ kind }) => kind === 'value').map(({ name }) => name);
      expect(exported, entry).toEqual(promised);
    }
  });

  it('has a file for every target of exports', () => {
    const targets = Object.values(manifest().exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });

  it('is documented, name by name and member by member', () => {
    const missing = [...entries].flatMap(([entry, names]) =>
      names.flatMap(({ undocumented }) => undocumented.map((name) => `${entry}: ${name}`)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the check itself', () => {
  it('tells values from types, and names what has no doc comment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'public-exports-'));
    const file = join(folder, 'index.d.ts');
    writeFileSync(join(folder, 'hidden.d.ts'), '/** A class, as a type. */ export class Hidden {}');
    writeFileSync(
      file,
      `
      /** A contract. */
      export interface Contract {
        /** Said here. */
        said(): void;
        unsaid: string;
      }
      /** A class. */
      export declare class Thing implements Contract {
        #private; private hidden; protected inner: string;
        constructor(); said(): void; unsaid: string; own: number; static make(): Thing;
        get size(): number;
        /** @internal */
        ours(): void;
      }
      /** An object. */
      export type Shape = {
        /** Across. */
        width: number;
        height: number;
      };
      export declare function bare(): void;
      export { type Hidden } from './hidden.js';
      `,
    );
    const [[, names] = ['', []]] = exportsOf([{ entry: '.', file }]);
    rmSync(folder, { recursive: true });

    expect(names).toEqual([
      { name: 'Contract', kind: 'type', undocumented: ['Contract.unsaid'] },
      { name: 'Hidden', kind: 'type', undocumented: [] },
      { name: 'Shape', kind: 'type', undocumented: ['Shape.height'] },
      { name: 'Thing', kind: 'value', undocumented: ['Thing.own', 'Thing.size', 'Thing.make'] },
      { name: 'bare', kind: 'value', undocumented: ['bare'] },
    ]);
  });
});
