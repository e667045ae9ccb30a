import { join } from 'node:path';
import ts from 'typescript';
import { manifest, requireDist, root } from './repository.js';

/** One name that an entry point exports. */
export interface PublicExport {
  name: string;
  /** There at run time, or a type alone. */
  kind: 'value' | 'type';
  /** The name itself and its public members that no doc comment explains. */
  undocumented: string[];
}

/** What each entry point of `exports` exports, as its built declarations say. */
export function publicExports(): Map<string, PublicExport[]> {
  requireDist();
  const entries = Object.entries(manifest().exports).flatMap(([entry, target]) =>
    typeof target === 'string' || target.types === undefined
      ? []
      : [{ entry, file: join(root, target.types) }],
  );
  return new Map(exportsOf(entries));
}

/** The same for declaration files anywhere. */
export function exportsOf(
  entries: readonly { entry: string; file: string }[],
): [string, PublicExport[]][] {
  const program = ts.createProgram({
    rootNames: entries.map(({ file }) => file),
    options: {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
      skipLibCheck: true,
      noEmit: true,
    },
  });
  const checker = program.getTypeChecker();
  return entries.map(({ entry, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry}: ${file} is missing or exports nothing.`);
    const names = checker.getExportsOfModule(module).map((exported) => describe(checker, exported));
    return [entry, names.sort((a, b) => (a.name < b.name ? -1 : 1))];
  });
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): PublicExport {
  const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
  const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
  const { name } = exported;
  const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(checker, exported);
  const undocumented = [
    ...(isDocumented(checker, symbol) ? [] : [name]),
    ...publicMembers(symbol)
      .filter((member) => !isDocumented(checker, member) && !isOverride(checker, symbol, member))
      .map((member) => `${name}.${member.name}`),
  ];
  return { name, kind: isValue ? 'value' : 'type', undocumented };
}

/** Whether a class passes through an `export type` on its way out. */
function isTypeOnly(checker: ts.TypeChecker, exported: ts.Symbol): boolean {
  if ((exported.flags & ts.SymbolFlags.Alias) === 0) return false;
  if (exported.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration)) return true;
  const next = checker.getImmediateAliasedSymbol(exported);
  return next !== undefined && isTypeOnly(checker, next);
}

function isDocumented(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '';
}

/** Members of classes, interfaces, enums and object types: no constructors, nothing private. */
function publicMembers(symbol: ts.Symbol): ts.Symbol[] {
  const literal = symbol.declarations?.find(ts.isTypeAliasDeclaration)?.type;
  const members =
    literal && ts.isTypeLiteralNode(literal)
      ? literal.members.flatMap((member) => symbolOf(member) ?? [])
      : [...(symbol.members?.values() ?? []), ...statics(symbol)];
  return members.filter(isPublic);
}

function statics(symbol: ts.Symbol): ts.Symbol[] {
  const hasStatics = (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Enum)) !== 0;
  return hasStatics ? [...(symbol.exports?.values() ?? [])] : [];
}

function isPublic(member: ts.Symbol): boolean {
  const kinds =
    ts.SymbolFlags.Property |
    ts.SymbolFlags.Method |
    ts.SymbolFlags.Accessor |
    ts.SymbolFlags.EnumMember;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (
    (member.flags & kinds) !== 0 &&
    (member.flags & ts.SymbolFlags.Prototype) === 0 &&
    !member.getJsDocTags().some(({ name }) => name === 'internal') &&
    (member.declarations ?? []).every(
      (declaration) =>
        (ts.getCombinedModifierFlags(declaration) & hidden) === 0 &&
        !isHashPrivate(ts.getNameOfDeclaration(declaration)),
    )
  );
}

function isHashPrivate(name: ts.DeclarationName | undefined): boolean {
  return name !== undefined && ts.isPrivateIdentifier(name);
}

/** What a base class or an implemented interface explains need not be explained again. */
function isOverride(checker: ts.TypeChecker, owner: ts.Symbol, member: ts.Symbol): boolean {
  const classes = (owner.declarations ?? []).filter(
    (declaration) => ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration),
  );
  return classes
    .flatMap(({ heritageClauses }) => heritageClauses ?? [])
    .flatMap(({ types }) => [...types])
    .some((base) => checker.getTypeAtLocation(base).getProperty(member.name) !== undefined);
}

function symbolOf(node: ts.Node): ts.Symbol | undefined {
  return (node as ts.Node & { symbol?: ts.Symbol }).symbol;
}
