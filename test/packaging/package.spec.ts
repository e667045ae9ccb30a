import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './commands.js';
import { manifest, root } from './repository.js';
import { pack, type PackedFile } from './tarball.js';

describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  let tarball: string;
  let files: PackedFile[];

  beforeAll(async () => {
    ({ tarball, files } = await pack(folder));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('holds what is built, what a reader needs, and nothing else', () => {
    const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];
    const paths = files.map(({ path }) => path);
    const built = /^dist\/.*\.(js|d\.ts)$/;
    expect(paths.filter((path) => !built.test(path)).sort()).toEqual(texts);
    expect(paths.filter((path) => built.test(path))).not.toEqual([]);
  });

  it('satisfies publint', async () => {
    const buffer = readFileSync(tarball);
    const bytes = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
    const { messages } = await publint({ pack: { tarball: bytes }, strict: true });
    const pkg = { ...manifest() };
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has the right types for ES modules (are the types wrong?)', { timeout: 60_000 }, async () => {
    const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
    const flags = '--profile esm-only --no-definitely-typed --no-emoji --no-color --format ascii';
    await run(process.execPath, [attw, tarball, ...flags.split(' ')], { cwd: root });
  });
});

describe('the repository', () => {
  it('names no registry and no path of one machine', async () => {
    const forbidden = [
      /\bregistry\.[\w-]+\.(org|com|net|io|dev)\b/i,
      /\b(npm\.pkg\.github|npm\.jsr)\.\w+/i,
      /(^|[\s"'`(=:])\/(work|home|Users)\/[\w.-]+/m,
      ...[await registryHost(), root.replace(/\/$/, ''), `${homedir()}/`]
        .filter((text) => text !== undefined)
        .map((text) => new RegExp(text.replace(/[^\w/]/g, '\\$&'))),
    ];
    const found = (await trackedFiles()).flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      if (text.includes('\0')) return [];
      return forbidden
        .flatMap((pattern) => pattern.exec(text)?.[0] ?? [])
        .map((hit) => `${file}: ${hit}`);
    });
    expect(found).toEqual([]);
  });

  it('has a lock file that names no place to download from', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const resolved = Object.entries(packages).filter(
      ([, { resolved: from }]) => from !== undefined,
    );
    expect(resolved).toEqual([]);
  });
});

/** What git tracks, or would with the next commit. */
async function trackedFiles(): Promise<string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = (await run('git', args, { cwd: root })).split('\0').filter(Boolean);
  return listed.filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile());
}

/** The host this machine installs from, where it is not the machine itself. */
async function registryHost(): Promise<string | undefined> {
  const { hostname } = new URL(
    (await run('npm', ['config', 'get', 'registry'], { cwd: root })).trim(),
  );
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) ? undefined : hostname;
}
