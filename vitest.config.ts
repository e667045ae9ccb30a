import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const ci = Boolean(process.env.CI);

export default defineConfig({
  test: {
    allowOnly: !ci,
    // Two cores: a third worker would only make timings noisy.
    maxWorkers: 2,
    reporters: [ci ? 'default' : 'dot', source('./test/support/summary.reporter.ts')],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        // The library's own tests, on the sources.
        resolve: {
          alias: [
            { find: /^nestjs-oauth-client$/, replacement: source('./lib/index.ts') },
            {
              find: /^nestjs-oauth-client\/(\w+)$/,
              replacement: source('./lib/$1/index.ts'),
            },
          ],
        },
        extends: true,
        test: {
          name: 'library',
          include: ['test/**/*.spec.ts'],
          exclude: ['test/packaging/**'],
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        // What is published, as others install it: needs `dist`. It runs after the library's
        // tests, since installing and compiling whole applications would disturb their timing.
        extends: true,
        test: {
          name: 'packaging',
          include: ['test/packaging/*.spec.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
