import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { manifest, requireDist, root } from './repository.js';

requireDist();

it('the declarations of all entry points are sound by themselves, without skipLibCheck', () => {
  const entries = Object.values(manifest().exports).flatMap((target) =>
    typeof target === 'object' && target.types ? [join(root, target.types)] : [],
  );
  expect(entries.length).toBeGreaterThan(5);
  const program = ts.createProgram(entries, {
    strict: true,
    skipLibCheck: false,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
    noEmit: true,
  });
  const dist = join(root, 'dist');
  const ours = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file?.fileName.startsWith(dist))
    .map(({ file, messageText }) => {
      return `${file!.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  expect(ours).toEqual([]);
}, 60_000);
