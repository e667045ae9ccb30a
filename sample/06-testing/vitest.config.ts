import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`../../lib/${path}`, import.meta.url));

export default defineConfig({
  // Inside this repository the package is its own sources; an application has it installed.
  resolve: {
    alias: [
      { find: /^nestjs-oauth-client$/, replacement: source('index.ts') },
      { find: /^nestjs-oauth-client\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  test: { setupFiles: ['reflect-metadata'], reporters: ['tree'] },
});
