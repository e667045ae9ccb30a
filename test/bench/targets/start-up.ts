import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { columns, print } from '../report.js';
import { spreadOf, type Spread } from '../statistics.js';
import { check, noiseOf, type TargetReport } from '../verdict.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const ROUNDS = 9;
/** What is loaded only by who uses it. */
const ON_DEMAND = /^(jose|ioredis|redis|@redis|pg|keyv|@keyv|@opentelemetry)\b/;

const NEST =
  "import 'reflect-metadata'; await import('@nestjs/core'); await import('@nestjs/axios');";
const OURS = `${NEST} await import('nestjs-oauth-client');`;

/** Prints how long some imports took, and the memory that they left in use. */
const importing = (imports: string) => `
  const before = performance.now();
  ${imports}
  const milliseconds = performance.now() - before;
  gc();
  const { heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ milliseconds, bytes: heapUsed + external }));`;

/** Prints what an import of the root loads. */
const LISTING = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs';
    export async function load(url, context, next) { writeSync(1, url + '\\\\n'); return next(url, context); }
  \`));
  await import('nestjs-oauth-client');`;

/** Prints how long a module takes to boot. */
const booting = (module: string) => `
  import 'reflect-metadata';
  import { HttpModule, HttpService } from '@nestjs/axios';
  import { NestFactory } from '@nestjs/core';
  import { OAuthClientModule } from 'nestjs-oauth-client';
  const names = Array.from({ length: 1000 }, (_, index) => 'client-' + index);
  const before = performance.now();
  const app = await NestFactory.createApplicationContext(${module}, { logger: false });
  console.log(JSON.stringify({ milliseconds: performance.now() - before, bytes: 0 }));
  await app.close();`;

const CLIENTS = booting(`OAuthClientModule.forRoot({
  clients: Object.fromEntries(names.map((name) => [name, {
    clientId: name, clientSecret: 'secret', grant: 'client_credentials',
    tokenEndpoint: 'https://server.example/token', baseURL: 'https://api.example',
  }])),
})`);
const FACTORIES = booting(`{
  module: class Clients {},
  imports: [HttpModule],
  providers: names.map((name) => ({
    provide: name,
    inject: [HttpService],
    useFactory: (http) => ({ name, http }),
  })),
}`);

interface Took {
  readonly milliseconds: number;
  readonly bytes: number;
}

/** Target 6: what the package adds to the start of an application. */
export async function startUp(scale: number): Promise<TargetReport> {
  const rounds = Math.max(3, Math.round(ROUNDS * Math.min(1, scale * 2)));
  const scripts = {
    nest: importing(NEST),
    again: importing(NEST),
    ours: importing(OURS),
    factories: FACTORIES,
    clients: CLIENTS,
  };
  const took = { nest: [], again: [], ours: [], factories: [], clients: [] } as Record<
    keyof typeof scripts,
    Took[]
  >;
  const names = Object.keys(scripts) as (keyof typeof scripts)[];
  // What takes the shorter time is the more disturbed by whatever else the machine does.
  const order = [...names, 'factories', 'clients'] as const;
  // The first round is not counted: files are in the system's cache by then.
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < order.length; turn += 1) {
      const name = order[(round + turn) % order.length]!;
      const one = JSON.parse(output(scripts[name])) as Took;
      if (round > 0) took[name].push(one);
    }
  }
  const ratio = (name: keyof typeof took, to: keyof typeof took): Spread =>
    spreadOf(took[name].map((one, round) => one.milliseconds / took[to][round]!.milliseconds));
  const times = Object.fromEntries(
    names.map((name) => [name, spreadOf(took[name].map(({ milliseconds }) => milliseconds))]),
  );
  const megabytes = spreadOf(
    took.ours.map(({ bytes }, round) => (bytes - took.nest[round]!.bytes) / 1024 / 1024),
  );
  const loaded = packagesIn(output(LISTING));
  const early = loaded.filter((name) => ON_DEMAND.test(name));
  print(
    columns(
      `Start-up: milliseconds, ${rounds} processes each`,
      ['', 'ms'],
      Object.entries(WORDS).map(([name, words]) => {
        const { median, q1, q3 } = times[name]!;
        return [words, `${median.toFixed(0)} [${q1.toFixed(0)} … ${q3.toFixed(0)}]`];
      }),
    ),
  );
  print(`Packages that an import of the root loads: ${loaded.join(', ')}`);
  const importRatio = ratio('ours', 'nest');
  const bootRatio = ratio('clients', 'factories');
  return {
    target: 6,
    title: 'start-up',
    checks: [
      check('import', importRatio.median, 'at most', 1.15, {
        unit: '× Nest with @nestjs/axios',
        noise: noiseOf(ratio('again', 'nest'), 1),
      }),
      check('import', megabytes.median, 'at most', 8, { unit: 'MB more' }),
      check(
        `loaded before they are used (${early.join(', ') || 'none'})`,
        early.length,
        'exactly',
        0,
      ),
      check('1,000 clients boot in', bootRatio.median, 'at most', 1.5, {
        unit: '× 1,000 factories',
        noise: noiseOf(bootRatio, bootRatio.median),
      }),
    ],
    figures: { times, megabytes, importRatio, bootRatio, loaded },
  };
}

const WORDS = {
  nest: 'import of @nestjs/core and @nestjs/axios',
  ours: 'the same, and nestjs-oauth-client',
  factories: 'boot of 1,000 factories that inject HttpService',
  clients: 'boot of 1,000 clients',
};

/** In a process of its own, on the built package, as an application of this folder has it. */
function output(script: string): string {
  const args = ['--expose-gc', '--input-type=module', '--eval', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** The packages that files belong to. */
function packagesIn(list: string): string[] {
  const names = list
    .split('\n')
    .map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(names)].sort();
}
