// `node --import ./test/support/typescript.mjs some.ts`. Processes forked from there inherit it.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript.hooks.mjs', import.meta.url);
