import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from './repository.js';

/** A fenced block of a document. */
export interface CodeBlock {
  /** The document, relative to the repository. */
  document: string;
  /** The line of the document that the first line of `code` is on. */
  line: number;
  language: string;
  code: string;
  /** What `<!-- given: … -->` right before the block declares: names its reader knows already. */
  given: string;
}

/** README.md, SECURITY.md and the README of every sample, as far as they are there. */
export function documents(): string[] {
  const samples = readdirSync(join(root, 'sample'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|[\\/])README\.md$/.test(name))
    .map((name) => join('sample', name));
  return ['README.md', 'SECURITY.md', ...samples.sort()].filter((name) =>
    ts.sys.fileExists(join(root, name)),
  );
}

/** The fenced blocks of a document's text. */
export function codeBlocks(document: string, text: string): CodeBlock[] {
  const block = /(?:<!--\s*given:([^]*?)-->\s*\n)?^( *)(`{3,})(\w+)[^\n]*\n([^]*?)^\2\3 *$/dgm;
  return [...text.matchAll(block)].map((match) => {
    const [, given = '', indent = '', , language = '', code = ''] = match;
    const [codeAt] = match.indices?.[5] ?? [0];
    return {
      document,
      line: text.slice(0, codeAt).split('\n').length,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      given: given.trim(),
    };
  });
}

/**
 * What TypeScript has to say about the `ts` blocks, each as `document:line: message`. The blocks of
 * a document share a folder: one that begins with `// file: a.ts` is imported as `./a.js` by the
 * others. They are compiled with the settings of `nest new`, against the package as it is built.
 */
export function compile(blocks: readonly CodeBlock[]): string[] {
  const sources = new Map<string, { text: string; block: CodeBlock; before: number }>();
  for (const [index, block] of blocks.entries()) {
    if (!['ts', 'typescript'].includes(block.language)) continue;
    const name = /^\/\/ file: (\S+)/.exec(block.code)?.[1] ?? `block-${index}.ts`;
    const path = join(root, '.documentation', dirname(block.document), block.document, name);
    const clash = sources.get(path)?.block.line;
    if (clash !== undefined) throw new Error(`${block.document}: ${name} twice, see line ${clash}`);
    const given = block.given === '' ? '' : `${block.given}\n`;
    const text = `${given}${block.code}\nexport {};\n`;
    sources.set(path, { text, block, before: given.split('\n').length - 1 });
  }

  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path)?.text ?? readFile(path);
  host.directoryExists = (path) =>
    [...sources.keys()].some((source) => source.startsWith(`${path}/`)) ||
    (directoryExists?.(path) ?? true);
  host.getSourceFile = (path, ...rest) => {
    const source = sources.get(path);
    if (source === undefined) return getSourceFile(path, ...rest);
    return ts.createSourceFile(path, source.text, rest[0]);
  };

  const program = ts.createProgram({ rootNames: [...sources.keys()], options, host });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    const source = file && sources.get(file.fileName);
    if (file === undefined || source === undefined) return message;
    const line = file.getLineAndCharacterOfPosition(start).line - source.before;
    return `${source.block.document}:${source.block.line + line}: ${message}`;
  });
}

/** The npm scripts that the shell blocks run, each as `document:line: script`. */
export function scripts(blocks: readonly CodeBlock[]): { at: string; script: string }[] {
  return blocks
    .filter(({ language }) => ['bash', 'sh', 'shell', 'console'].includes(language))
    .flatMap(({ document, line, code }) =>
      code.split('\n').flatMap((text, index) =>
        [...text.matchAll(/\bnpm (?:run(?:-script)? (?:--?\S+ )*([\w:-]+)|(test|start)\b)/g)].map(
          ([, run, direct]) => ({
            at: `${document}:${line + index}`,
            script: run ?? direct ?? '',
          }),
        ),
      ),
    );
}

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
  strict: true,
  strictPropertyInitialization: false,
  esModuleInterop: true,
  isolatedModules: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  noEmit: true,
};
