import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Sources as JavaScript, for processes that are started by the dozen. */
export interface CompiledSources {
  /** Where a source, named from the repository's root, is now. */
  readonly path: (source: string) => string;
  readonly remove: () => void;
}

/**
 * The library, and some sources of the tests, compiled one by one: a process that loads TypeScript
 * itself takes four times as long to start, and a fault run starts one for each that it kills.
 */
export function compileSources(...sources: string[]): CompiledSources {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'cluster-'));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const compilerOptions: ts.CompilerOptions = {
    ...options,
    // As in typescript.hooks.mjs.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: false,
    declaration: false,
    sourceMap: false,
  };
  const path = (source: string) => join(folder, source.replace(/\.ts$/, '.js'));
  for (const source of [...library(), ...sources]) {
    const text = readFileSync(join(root, source), 'utf8');
    mkdirSync(dirname(path(source)), { recursive: true });
    writeFileSync(path(source), ts.transpileModule(text, { compilerOptions }).outputText);
  }
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function library(): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('lib', name));
}
