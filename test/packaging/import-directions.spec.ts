import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayImport, violations } from './import-directions.js';
import { manifest, root } from './repository.js';

const { dependencies, peerDependencies } = manifest();
const packages = Object.keys({ ...dependencies, ...peerDependencies });

describe('the rooms of lib', () => {
  it('import in one direction, packages that are installed, and stay small', () => {
    expect(violations(join(root, 'lib'), packages)).toEqual([]);
  });
});

describe('the check itself', () => {
  const copy = mkdtempSync(join(tmpdir(), 'import-directions-'));
  const lib = join(copy, 'lib');
  const plant = (file: string, text: string) => {
    mkdirSync(dirname(join(lib, file)), { recursive: true });
    writeFileSync(join(lib, file), text);
  };

  beforeAll(() => cpSync(join(root, 'lib'), lib, { recursive: true }));
  afterAll(() => rmSync(copy, { recursive: true }));

  it.each([
    ['protocol/planted.ts', `import '../session/target.js';`, 'protocol imports session'],
    ['protocol/planted.ts', `export * from '../store/target.js';`, 'protocol imports store'],
    ['protocol/planted.ts', `import type { A } from 'axios';`, 'protocol is pure'],
    ['protocol/planted.ts', `import 'node:fs/promises';`, 'protocol is pure'],
    ['store/planted.ts', `const a = import('../pipeline/target.js');`, 'store imports pipeline'],
    ['session/planted.ts', `import '../oauth-client.planted.js';`, 'session imports module'],
    ['web/planted.ts', `import '../index.js';`, 'web imports index'],
    ['redis/planted.ts', `import '../store/memory.target.js';`, 'redis imports store'],
    ['testing/planted.ts', `import '../errors/target.js';`, 'testing imports errors'],
    ['oauth-client.planted.ts', `import './testing/target.js';`, 'module imports testing'],
    [
      'opentelemetry/planted.ts',
      `import '../pipeline/target.js';`,
      'opentelemetry imports pipeline',
    ],
    ['session/planted.ts', `import '../opentelemetry/target.js';`, 'session imports opentelemetry'],
    ['oauth-client.planted.ts', `import './opentelemetry/target.js';`, 'where it is needed only'],
    ['pipeline/planted.ts', `import type { A } from '@opentelemetry/api';`, 'for the room'],
    ['errors/planted.ts', `import './nowhere.js';`, 'does not exist'],
    ['errors/planted.ts', `import 'left-pad';`, 'neither a dependency nor a peer'],
    ['attic/planted.ts', ``, 'not in the house'],
    ['web/index.ts', `export * from '../session/target.js';`, 'export * hides'],
    ['web/planted.ts', '\n'.repeat(250) + 'export {};', '251 lines'],
  ])('reports in %s: %s', (file, text, complaint) => {
    for (const room of ['session', 'store', 'pipeline', 'errors', 'testing', 'opentelemetry']) {
      plant(`${room}/target.ts`, 'export {};');
    }
    for (const target of ['store/memory.target.ts', 'oauth-client.planted.ts', 'index.ts']) {
      plant(target, 'export {};');
    }
    plant(file, text);
    const reported = violations(lib, packages).filter((line) => line.startsWith(`${file}: `));
    rmSync(join(lib, file));
    expect(reported.join('\n')).toContain(complaint);
  });
});

describe('.oxlintrc.json', () => {
  const copy = mkdtempSync(join(tmpdir(), 'oxlint-directions-'));
  afterAll(() => rmSync(copy, { recursive: true }));

  it('knows the same directions', () => {
    const rooms = Object.keys(mayImport);
    const pairs = rooms.flatMap((from) =>
      rooms.filter((to) => to !== from && to !== 'index').map((to) => ({ from, to })),
    );
    const fileIn = (room: string, name: string) =>
      ({ module: `oauth-client.${name}.ts`, index: 'index.ts' })[room] ?? `${room}/${name}.ts`;

    cpSync(join(root, '.oxlintrc.json'), join(copy, '.oxlintrc.json'));
    for (const from of rooms) {
      const up = ['module', 'index'].includes(from) ? './' : '../';
      const text = pairs
        .filter((pair) => pair.from === from)
        .map(({ to }) => `import '${up}${fileIn(to, 'target').replace(/\.ts$/, '.js')}';`)
        .join('\n');
      const file = join(copy, 'lib', fileIn(from, 'source'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }

    const reported = new Set(restrictedImports(copy));
    const expected = pairs
      .filter(({ from, to }) => !(mayImport[from] ?? []).includes(to) && !isContract(from, to))
      .map(({ from, to }) => `lib/${fileIn(from, 'source')} → ${fileIn(to, 'target')}`);
    expect([...reported].sort()).toEqual(expected.sort());
  });

  /** The linter knows rooms, not files: which files are such a contract only the check knows. */
  function isContract(from: string, to: string): boolean {
    const allowed = mayImport[from] ?? [];
    if (allowed.includes('telemetry seam') && to === 'pipeline') return true;
    return allowed.includes('store contract') && ['store', 'protocol'].includes(to);
  }

  function restrictedImports(folder: string): string[] {
    const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { code: string; message: string; filename: string }[];
    };
    return diagnostics
      .filter(({ code }) => code.includes('no-restricted-imports'))
      .map(({ filename, message }) => {
        const target = /'\.{1,2}\/([^']+)\.js'/.exec(message)?.[1] ?? message;
        return `${filename} → ${target}.ts`;
      });
  }
});
