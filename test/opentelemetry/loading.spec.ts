import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What applications in a process of their own say, one after the other. */
async function applications(...modes: string[]): Promise<object> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', file('../support/typescript.mjs')],
    ...[file('./loading.process.ts'), ...modes],
  ]);
  return JSON.parse(stdout) as object;
}

const statuses = [200, 200];
const loaded = ['./opentelemetry/index.js', '@opentelemetry/api'];
let results: Record<string, unknown>;

beforeAll(async () => {
  const [usual, missing] = await Promise.all([
    applications('unregistered', 'foreign', 'off', 'registered'),
    applications('missing'),
  ]);
  results = { ...usual, ...missing };
});

describe('an application', () => {
  it.each([
    ['where no SDK is registered', 'unregistered'],
    ['where another major of the API is', 'foreign'],
    ['that has telemetry switched off', 'off'],
  ])('%s loads nothing of OpenTelemetry', (_, mode) => {
    expect(results[mode]).toEqual({ statuses, resolved: [], isCached: false });
  });

  it('where an SDK is registered loads the API', () => {
    expect(results['registered']).toEqual({ statuses, resolved: loaded, isCached: true });
  });

  it('where an SDK is registered and the API is not to be had looks for it once, and works', () => {
    expect(results['missing']).toEqual({ statuses, resolved: loaded, isCached: false });
  });
});
