import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './commands.js';
import { manifest, requireDist, root } from './repository.js';

requireDist();
const { name, exports } = manifest();
const dist = join(root, 'dist');
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js'))
  .map((file) => ({ file, text: readFileSync(join(dist, file), 'utf8') }));
/** The entry points, as others import them. */
const paths = Object.entries(exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path]) => `${name}${path.slice(1)}`);

/** Packages that only those load who use them. */
const ON_DEMAND =
  /\/node_modules\/(jose|ioredis|redis|@redis|pg|@?keyv|@opentelemetry|@nestjs\/terminus)\//;

describe('the built package', () => {
  it('is few files, since each takes time to load', () => {
    expect(files.length).toBeLessThanOrEqual(20);
  });

  it('holds each source once, so that instanceof is true across entry points', () => {
    const sources = files.flatMap(({ text }) => text.match(/^\/\/ dist\/.*\.js$/gm) ?? []);
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((source, index) => sources.indexOf(source) !== index)).toEqual([]);
  });

  it('keeps the names of classes', async () => {
    const script = `
      import 'reflect-metadata';
      const renamed = [];
      for (const path of ${JSON.stringify(paths)}) {
        for (const [name, value] of Object.entries(await import(path))) {
          if (String(value).startsWith('class') && value.name !== name) renamed.push(name);
        }
      }
      console.log(JSON.stringify(renamed));`;
    expect(JSON.parse(await node(script))).toEqual([]);
  });

  it('loads by its root what every application uses, and nothing else', async () => {
    const script = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(\`
        import { writeSync } from 'node:fs';
        export async function load(url, context, next) {
          writeSync(1, url + '\\\\n');
          return next(url, context);
        }\`));
      await import('${name}');`;
    const loaded = (await node(script)).split('\n');
    expect(loaded).toContain(pathToFileURL(join(dist, 'index.js')).href);
    const own = loaded.filter((url) => url.startsWith(pathToFileURL(dist).href));
    expect(
      own.filter((url) => !/\/dist\/(index|chunks\/(?!opentelemetry)[\w.-]+)\.js$/.test(url)),
    ).toEqual([]);
    expect(loaded.filter((url) => ON_DEMAND.test(url))).toEqual([]);
  });
});

async function node(script: string): Promise<string> {
  return run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
}
