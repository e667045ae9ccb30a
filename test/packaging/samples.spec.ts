import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { redisRemark, withoutRedis } from '../support/redis-server.js';
import { run } from './commands.js';
import { codeBlocks } from './documentation.js';
import { requireDist, root } from './repository.js';

beforeAll(requireDist);

/** Runs the command that a sample's README gives, against the package as it is built. */
async function runAsDocumented(
  sample: string,
  env: Record<string, string> = {},
): Promise<{ printed: string; promised: string }> {
  const document = join('sample', sample, 'README.md');
  const blocks = codeBlocks(document, readFileSync(join(root, document), 'utf8'));
  const block = (language: string): string =>
    blocks.find((one) => one.language === language)?.code ?? '';
  const command = block('sh')
    .split('\n')
    .find((line) => line.startsWith('node '));
  const [, ...args] = command?.trim().split(' ') ?? [];
  return {
    printed: await run(process.execPath, args, { cwd: root, env }),
    promised: block('text'),
  };
}

describe('sample 01', () => {
  it('calls an API for itself, and ends', async () => {
    const main = join('sample', '01-client-credentials', 'main.ts');
    const args = ['--import', './test/support/typescript.mjs', main];
    const printed = await run(process.execPath, args, { cwd: root });
    expect(printed).toBe("Acme's invoices: 2026-001, 2026-002, 2026-003\n");
  });
});

describe.each(['03-compliance-hooks', '04-service-account', '07-observability'])(
  'sample %s',
  (sample) => {
    it('prints what its README says, and ends', async () => {
      const { printed, promised } = await runAsDocumented(sample);
      expect(printed).toBe(promised);
    });
  },
);

describe('sample 04-service-account', () => {
  it('leaves no key file behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samples-'));
    await runAsDocumented('04-service-account', { TMPDIR: folder, TMP: folder, TEMP: folder });
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe('sample 06-testing', () => {
  it('passes the tests that its README lists, by the command that it gives', async () => {
    const document = join('sample', '06-testing', 'README.md');
    const blocks = codeBlocks(document, readFileSync(join(root, document), 'utf8'));
    const [command, promised] = blocks.map(({ code }) => code.trim().split('\n'));
    const [npx, vitest, ...args] = command?.[0]?.split(' ') ?? [];
    expect([npx, vitest]).toEqual(['npx', 'vitest']);
    const printed = await run(
      process.execPath,
      [join('node_modules', 'vitest', 'vitest.mjs'), ...args],
      { cwd: root, env: { NO_COLOR: '1' } },
    );
    const passed = [...printed.matchAll(/^ {3,}✓ (.+?)(?: \(\d+\))? *(?:\d+ms)?$/gm)];
    const titles = passed.map(([, title = '']) => title.trim());
    expect(titles.sort()).toEqual((promised ?? []).map((title) => title.trim()).sort());
  });
});

describe.skipIf(withoutRedis)(`sample 05-cluster${redisRemark}`, () => {
  it('prints what its README says, and ends', async () => {
    const { printed, promised } = await runAsDocumented('05-cluster');
    expect(printed).toBe(promised);
  });

  it('does the same with Postgres', async () => {
    const { printed, promised } = await runAsDocumented('05-cluster', { STORE: 'postgres' });
    expect(printed).toBe(promised.replace('Redis', 'Postgres'));
  });
});
