import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { beforeAll, describe, expect, it } from 'vitest';
import * as providers from '../../lib/providers/index.js';
import { presetTypes, PublicNames, readmeTable, row, tableIn } from './documentation.tables.js';
import { root } from './repository.js';

const MIGRATIONS = ['Coming from requests-oauthlib', 'Coming from Authlib'] as const;

/** The row of each preset, from its own data. */
function presetRows(): string[] {
  const types = presetTypes();
  const { defineProvider: _form, ...presets } = providers;
  return Object.entries(presets).map(([name, { title, habits }]) => {
    const { parameters, isDeprecated } = types.get(name)!;
    const used = parameters.length === 0 ? name : `${name}({ ${parameters.join(', ')} })`;
    const notes = [isDeprecated ? 'deprecated' : '', habits.note ?? ''].filter(
      (note) => note !== '',
    );
    return row([`\`${used}\``, title, habits.accessToken, habits.refreshToken, notes.join('; ')]);
  });
}

describe('the contents', () => {
  it('lead to every chapter, in their order', () => {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const [, contents = ''] = /^\*\*Contents\.\*\*([^]*?)\n\n/m.exec(text) ?? [];
    const links = [...contents.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor]) => anchor);
    const chapters = [...text.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(links).toEqual(chapters.filter((chapter) => chapter !== 'more'));
  });
});

describe('the table of providers', () => {
  it('has the row of every preset, and no other', () => {
    const rows = presetRows();
    const written = readmeTable('All providers').map(row);
    const missing = rows.filter((one) => !written.includes(one));
    const wrong = written.filter((one) => !rows.includes(one));
    expect(missing, `paste into README.md:\n${missing.join('\n')}`).toEqual([]);
    expect(wrong, `take out of README.md:\n${wrong.join('\n')}`).toEqual([]);
  });

  it('is in the order of the names', () => {
    const names = readmeTable('All providers').map(([name = '']) => name.replace(/[`(].*?$/, ''));
    expect(names).toEqual(names.toSorted());
  });
});

describe('the tables for those who come from elsewhere', () => {
  let names: PublicNames;

  beforeAll(() => {
    names = new PublicNames();
  });

  it.each(MIGRATIONS)('%s: every name of ours exists', (heading) => {
    const rows = readmeTable(heading);
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.flatMap(([theirs = '', , ours = '']) =>
      codeIn(ours).flatMap((code) => names.unknownIn(code).map((name) => `${theirs}: ${name}`)),
    );
    expect(wrong).toEqual([]);
  });

  it.each(MIGRATIONS)('%s: every row says what of ours it is, or —', (heading) => {
    const silent = readmeTable(heading).filter(
      ([, , ours = '']) => codeIn(ours).length === 0 && !ours.startsWith('—'),
    );
    expect(silent).toEqual([]);
  });

  it('knows exports, members, options and words, and nothing else', () => {
    const code = [
      '`grant: { type: "jwt_bearer", keyFile }`',
      '`session.for(userId).get()`',
      '`TokenSet.expiresAt`',
      '`TokenSet.baseURL`',
      "`clientAuthentication: { method: 'none' }`",
      '`autoRefreshUrl`',
      '`nestjs-oauth-client/redis`',
      '`nestjs-oauth-client/mongo`',
    ];
    expect(codeIn(code.join(' ')).flatMap((one) => names.unknownIn(one))).toEqual([
      'TokenSet.baseURL',
      'autoRefreshUrl',
      'nestjs-oauth-client/mongo',
    ]);
  });

  it('reads the first table under a heading', () => {
    const text = '\n## One\n\n| a | b |\n| - | - |\n| `x \\| y` | z |\n\n## Two\n\nnone\n';
    expect(tableIn(text, 'One')).toEqual([['`x \\| y`', 'z']]);
    expect(tableIn(text, 'Two')).toEqual([]);
  });
});

/** What stands in backticks. */
function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
