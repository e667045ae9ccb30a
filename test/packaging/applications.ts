import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.js';
import { manifest, root } from './repository.js';

/** As `nest new` asks for it. */
export type ModuleSystem = 'esm' | 'cjs';
/** What the application listens with. */
export type Platform = 'express' | 'fastify';

const fixtures = join(root, 'test', 'packaging', 'fixtures');
/** In the templates, but no part of building and testing: left out, since installing takes time. */
const unused =
  /^(@nestjs\/mau|oxlint.*|prettier|supertest|@types\/supertest|@vitest\/.*|ts-loader|source-map-support|tsconfig-paths)$/;
/** The first Node on which Jest can require an ES module, and with it Nest 12. */
const jestNeeds = [24, 9] as const;

/**
 * Four applications in `folder`: what the schematics behind `nest new` generate for each module
 * system, with `fixtures` laid over it, once for each platform. They share one installation, of
 * the packed package beside what both templates ask for.
 */
export async function createApplications(folder: string, tarball: string): Promise<void> {
  const dependencies: Record<string, string> = {};
  for (const system of ['esm', 'cjs'] as const) {
    await generate(folder, system);
    Object.assign(dependencies, readDependencies(join(folder, system)));
    for (const platform of ['express', 'fastify'] as const) {
      layOut(folder, system, platform);
    }
  }

  const { name, devDependencies, peerDependencies } = manifest();
  const extra = { '@nestjs/platform-fastify': devDependencies['@nestjs/platform-fastify'] };
  const node = newerNodePackage();
  const newerNode = node === undefined ? {} : { [node]: '24' };
  const installed = { ...dependencies, ...peerDependencies, ...extra, [name]: `file:${tarball}` };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { ...installed, ...newerNode } }),
  );
  const quick =
    '--prefer-offline --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error';
  await run('npm', ['install', ...quick.split(' ')], { cwd: folder });
}

/** The folder of one application. */
export function applicationFolder(
  folder: string,
  system: ModuleSystem,
  platform: Platform,
): string {
  return join(folder, `${system}-${platform}`);
}

/**
 * The PATH for `npm test` in a CommonJS application: with a Node that Jest can run Nest 12 on, or
 * undefined where this Node is too old and there is no package with a newer one.
 */
export function pathForJest(folder: string): string | undefined {
  const path = process.env.PATH ?? '';
  if (hasNodeForJest()) return path;
  const newer = newerNodePackage();
  return newer && `${join(folder, 'node_modules', newer, 'bin')}:${path}`;
}

function hasNodeForJest(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > jestNeeds[0] || (major === jestNeeds[0] && minor >= jestNeeds[1]);
}

function newerNodePackage(): string | undefined {
  const known = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  return known && !hasNodeForJest() ? `node-linux-${process.arch}` : undefined;
}

async function generate(folder: string, system: ModuleSystem): Promise<void> {
  const bin = join(root, 'node_modules', '.bin', 'schematics');
  const schematic = `${join(root, 'node_modules', '@nestjs', 'schematics')}:application`;
  const flags = '--no-debug --no-dry-run --language=ts --strict --spec --observe=false';
  const options = [`--name=${system}`, `--directory=${system}`, `--type=${system}`];
  await run(bin, [schematic, ...flags.split(' '), ...options], { cwd: folder });
}

function readDependencies(application: string): Record<string, string> {
  const text = readFileSync(join(application, 'package.json'), 'utf8');
  const { dependencies, devDependencies } = JSON.parse(text) as Record<
    string,
    Record<string, string>
  >;
  const all = Object.entries({ ...dependencies, ...devDependencies });
  return Object.fromEntries(all.filter(([name]) => !unused.test(name)));
}

function layOut(folder: string, system: ModuleSystem, platform: Platform): void {
  const target = applicationFolder(folder, system, platform);
  cpSync(join(folder, system), target, { recursive: true });
  for (const fixture of ['application', platform]) {
    cpSync(join(fixtures, fixture), target, { recursive: true });
  }
  if (system === 'cjs') dropImportEndings(target);
  symlinkSync(join(folder, 'node_modules'), join(target, 'node_modules'), 'dir');
}

/** In the CommonJS template Jest resolves imports as they stand: `./a`, not `./a.js`. */
function dropImportEndings(application: string): void {
  for (const name of readdirSync(application, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const file = join(application, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(from '\.[^']*)\.js'/g, "$1'"));
  }
}
