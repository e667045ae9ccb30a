import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationFolder, createApplications, pathForJest } from './applications.js';
import { run } from './commands.js';
import { Acme } from './fixtures/application/test/acme.js';
import { manifest } from './repository.js';
import { pack } from './tarball.js';

const folder = mkdtempSync(join(tmpdir(), 'nest-new-'));
const acme = new Acme();
let acmeUrl: string;

beforeAll(async () => {
  acmeUrl = await acme.start();
  const { tarball } = await pack(folder);
  await createApplications(folder, tarball);
}, 240_000);

afterAll(() => {
  acme.stop();
  rmSync(folder, { recursive: true, force: true });
}, 240_000);

describe.each([
  { system: 'esm', platform: 'express', runner: 'vitest' },
  { system: 'esm', platform: 'fastify', runner: 'vitest' },
  { system: 'cjs', platform: 'express', runner: 'Jest' },
  { system: 'cjs', platform: 'fastify', runner: 'Jest' },
] as const)('an application of nest new: $system, $platform', ({ system, platform, runner }) => {
  const cwd = applicationFolder(folder, system, platform);

  it('builds, starts and calls an API through its session', { timeout: 90_000 }, async () => {
    await run('npm', ['run', 'build'], { cwd });
    const env = { ACME_URL: acmeUrl };
    const printed = await run(process.execPath, [join('dist', 'main.js')], { cwd, env });
    expect(printed).toContain('invoice: {"number":1}');
  });

  it(`passes its unit and e2e tests with ${runner}`, { timeout: 90_000 }, async (context) => {
    const path = runner === 'Jest' ? pathForJest(folder) : process.env.PATH;
    if (path === undefined) {
      context.skip('Jest runs Nest 12 on Node 24.9 and later only: run the tests on such a Node.');
      return;
    }
    await run('npm', ['test'], { cwd, env: { PATH: path } });
    await run('npm', ['run', 'test:e2e'], { cwd, env: { PATH: path } });
  });
});

describe('a CommonJS program', () => {
  it('requires the package', async () => {
    const { name, exports } = manifest();
    const cwd = applicationFolder(folder, 'cjs', 'express');
    for (const path of Object.keys(exports)) {
      await run(process.execPath, ['-e', `require('${name}${path.slice(1)}')`], { cwd });
    }
  });
});
