import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { manifest, root } from './repository.js';

/** The rows of the first table under a heading of README.md, without its head; cells trimmed. */
export function readmeTable(heading: string): string[][] {
  return tableIn(readFileSync(join(root, 'README.md'), 'utf8'), heading);
}

/** The same of any document's text. */
export function tableIn(text: string, heading: string): string[][] {
  const [, section] = text.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`There is no chapter "${heading}".`);
  const [own = ''] = section.split('\n## ');
  const table = /^\|[^\n]*\n\|[-| ]+\n((?:\|[^\n]*\n)*)/m.exec(own)?.[1] ?? '';
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** A table's row as it is pasted. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The names of the public types, as their sources say. */
export class PublicNames {
  readonly #known = new Set<string>();
  readonly #members = new Map<string, Set<string>>();
  readonly #entries: ReadonlySet<string>;

  constructor() {
    const { name, exports } = manifest();
    const files = Object.entries(exports).flatMap(([entry, target]) =>
      typeof target === 'string' || target.types === undefined
        ? []
        : [{ entry: entry.replace(/^\./, name), file: sourceOf(target.types) }],
    );
    this.#entries = new Set(files.map(({ entry }) => entry));
    const program = ts.createProgram(
      files.map(({ file }) => file),
      sourceOptions,
    );
    const checker = program.getTypeChecker();
    for (const { file } of files) {
      for (const exported of exportsIn(program, file)) this.#learn(checker, exported);
    }
  }

  /** What a piece of code in a table names that does not exist. */
  unknownIn(code: string): string[] {
    if (code.startsWith(manifest().name)) return this.#entries.has(code) ? [] : [code];
    const names = code
      .replaceAll(/\bhttps?:\S+/g, '')
      .match(/[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*/g);
    return (names ?? []).filter((name) => !this.#isKnown(name));
  }

  #isKnown(name: string): boolean {
    const [first = '', ...rest] = name.split('.');
    const members = rest.length > 0 ? this.#members.get(first) : undefined;
    if (members) return members.has(rest[0]!) && rest.slice(1).every((one) => this.#isKnown(one));
    return [first, ...rest].every((one) => this.#known.has(one) || NOT_OURS.has(one));
  }

  #learn(checker: ts.TypeChecker, exported: ts.Symbol): void {
    const symbol = aliased(checker, exported);
    const members = new Set<string>();
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const value = symbol.valueDeclaration && checker.getTypeOfSymbol(symbol);
    const types = type.isUnion() ? type.types : [type];
    for (const part of value ? [...types, value] : types) {
      for (const property of checker.getPropertiesOfType(part)) {
        const { name } = property;
        const isOurs = symbol.name === 'OAuthSession' || property.declarations?.some(isSource);
        if (isOurs === true && /^[\w$]+$/.test(name)) members.add(name);
      }
    }
    for (const declaration of symbol.declarations ?? []) {
      if (!ts.isClassDeclaration(declaration)) namesIn(declaration, members);
    }
    this.#members.set(exported.name, members);
    this.#known.add(exported.name);
    for (const member of members) this.#known.add(member);
  }
}

/** What the type of a preset says beyond its data. */
export interface PresetTypes {
  /** What it needs beside client options, as it is written: `shop`, `url?`. */
  readonly parameters: readonly string[];
  readonly isDeprecated: boolean;
}

/** What the types of the presets say, by the name to import. */
export function presetTypes(): Map<string, PresetTypes> {
  const file = join(root, 'lib', 'providers', 'index.ts');
  const program = ts.createProgram([file], sourceOptions);
  const checker = program.getTypeChecker();
  const found = exportsIn(program, file).flatMap((exported): [string, PresetTypes][] => {
    const symbol = aliased(checker, exported);
    if (!symbol.valueDeclaration) return [];
    const [parameters] = checker.getTypeOfSymbol(symbol).aliasTypeArguments ?? [];
    const typed = checker.getTypeOfSymbol(symbol) as ts.TypeReference;
    const named = parameters ?? checker.getTypeArguments(typed)[0];
    const isDeprecated = symbol.getJsDocTags(checker).some(({ name }) => name === 'deprecated');
    const names = named ? checker.getPropertiesOfType(named).map(parameterName) : [];
    return [[exported.name, { parameters: names, isDeprecated }]];
  });
  return new Map(found);
}

function parameterName({ name, flags }: ts.Symbol): string {
  return (flags & ts.SymbolFlags.Optional) === 0 ? name : `${name}?`;
}

/** Words of the language, and what a reader knows for their own. */
const NOT_OURS: ReadonlySet<string> = new Set(
  'new await async true false session userId NODE_EXTRA_CA_CERTS'.split(' '),
);

const sourceOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
  strict: true,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
};

function sourceOf(declarations: string): string {
  return join(root, declarations.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'lib/$1.ts'));
}

function exportsIn(program: ts.Program, file: string): ts.Symbol[] {
  const source = program.getSourceFile(file);
  const checker = program.getTypeChecker();
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is missing or exports nothing.`);
  return checker.getExportsOfModule(module);
}

function aliased(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isSource(declaration: ts.Declaration): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const isPublic = (ts.getCombinedModifierFlags(declaration) & hidden) === 0;
  return isPublic && declaration.getSourceFile().fileName.startsWith(join(root, 'lib'));
}

/** Members and words of a type that is written out: `{ method: 'none' } | …`. */
function namesIn(node: ts.Node, names: Set<string>): void {
  if (ts.isPropertySignature(node) || ts.isMethodSignature(node)) names.add(node.name.getText());
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) names.add(node.literal.text);
  node.forEachChild((child) => namesIn(child, names));
}
