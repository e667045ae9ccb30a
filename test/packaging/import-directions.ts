import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

const errors: readonly string[] = [];
const protocol = ['errors'];
const compliance = [...protocol, 'protocol'];
const store = [...protocol, 'protocol'];
const pipeline = ['errors', 'protocol', 'compliance', 'store'];
const session = [...pipeline, 'pipeline'];
const web = [...session, 'session'];
const module = [...web, 'web', 'opentelemetry'];
const index = [...module, 'module'];
const opentelemetry = ['errors', 'protocol', 'telemetry seam'];
const database = ['errors', 'store contract'];
const addition = ['index'];

/** Which rooms a room may import, besides itself. `.oxlintrc.json` says the same to the linter. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  ...{ errors, protocol, compliance, store, pipeline, session, web, module, index },
  ...{ redis: database, postgres: database, keyv: database },
  opentelemetry,
  ...{ providers: addition, terminus: addition, testing: addition },
};

const maxLines = 250;
const impurePackages = /^(@nestjs\/.*|rxjs|axios)$/;
const impureBuiltins = new Set(
  'child_process cluster dgram dns fs http http2 https inspector net readline timers tls tty worker_threads'.split(
    ' ',
  ),
);

/**
 * What in the sources under `lib` goes against the house: an import in the wrong direction, a
 * package that an installation would not bring, `export *` from an index, a file too long for one
 * idea. Each as `file: what`, sorted.
 */
export function violations(lib: string, packages: readonly string[]): string[] {
  return sources(lib)
    .flatMap((file) => {
      const name = relative(lib, file).split(sep).join('/');
      const text = readFileSync(file, 'utf8');
      return [
        ...imports(lib, file, text, packages),
        ...exportStars(file, text),
        ...length(text),
      ].map((what) => `${name}: ${what}`);
    })
    .sort();
}

function* imports(
  lib: string,
  file: string,
  text: string,
  packages: readonly string[],
): Generator<string> {
  const from = roomOf(lib, file);
  if (!(from in mayImport)) yield `a file in the room '${from}', which is not in the house`;

  for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
    if (specifier.startsWith('.')) yield* relativeImport(lib, file, specifier);
    else yield* packageImport(from, specifier, packages);
  }
}

function* relativeImport(lib: string, file: string, specifier: string): Generator<string> {
  const target = resolve(dirname(file), specifier.replace(/\.js$/, '.ts'));
  if (!existsSync(target)) {
    yield `imports ${specifier}, which does not exist`;
    return;
  }
  const from = roomOf(lib, file);
  const to = roomOf(lib, target);
  const allowed = mayImport[from] ?? [];
  const contract =
    (allowed.includes('store contract') && isStoreContract(lib, target)) ||
    (allowed.includes('telemetry seam') && isTelemetrySeam(lib, target));
  if (to !== from && !allowed.includes(to) && !contract)
    yield `${from} imports ${to} (${specifier})`;
  else if (to === 'opentelemetry' && from !== to && !isDynamic(file, specifier))
    yield `imports ${specifier}, which is loaded where it is needed only`;
}

function* packageImport(
  from: string,
  specifier: string,
  packages: readonly string[],
): Generator<string> {
  const builtin = specifier.replace(/^node:/, '');
  const name = packageName(specifier);
  const isBuiltin = specifier.startsWith('node:') || builtinModules.includes(builtin);
  const impure = isBuiltin
    ? impureBuiltins.has(builtin.split('/')[0] ?? '')
    : impurePackages.test(name);
  if (name === '@opentelemetry/api' && from !== 'opentelemetry') {
    yield `imports ${specifier}, which is for the room opentelemetry`;
  }
  if (from === 'protocol' && impure) yield `protocol is pure, but imports ${specifier}`;
  if (!isBuiltin && !packages.includes(name)) {
    yield `imports ${specifier}, which is neither a dependency nor a peer`;
  }
}

function* exportStars(file: string, text: string): Generator<string> {
  if (basename(file) !== 'index.ts') return;
  for (const statement of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
    const star = ts.isExportDeclaration(statement) && !isNamed(statement);
    if (star) yield 'export * hides what is public: list the names';
  }
}

function isNamed({ exportClause }: ts.ExportDeclaration): boolean {
  return exportClause !== undefined && ts.isNamedExports(exportClause);
}

function* length(text: string): Generator<string> {
  const lines = text.trimEnd().split('\n').length;
  if (lines > maxLines) yield `${lines} lines; past ${maxLines} look for the second idea`;
}

/** The folder under lib; what lies directly in lib is the module, and the index over it. */
function roomOf(lib: string, file: string): string {
  const [folder = '', ...rest] = relative(lib, file).split(sep);
  if (rest.length > 0) return folder;
  return folder === 'index.ts' ? 'index' : 'module';
}

/** What a store for one database implements: the store room without its implementations. */
function isStoreContract(lib: string, file: string): boolean {
  if (roomOf(lib, file) === 'store') return !/^(memory|encrypted)\./.test(basename(file));
  return relative(lib, file) === join('protocol', 'token-record.ts');
}

/** What the pipeline tells, without how it comes about. */
function isTelemetrySeam(lib: string, file: string): boolean {
  return relative(lib, file) === join('pipeline', 'telemetry.ts');
}

function isDynamic(file: string, specifier: string): boolean {
  const text = readFileSync(file, 'utf8');
  return text.includes(`import('${specifier}')`) && !text.includes(`from '${specifier}'`);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}
