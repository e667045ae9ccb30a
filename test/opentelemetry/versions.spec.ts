import { createRequire } from 'node:module';
import { Logger } from '@nestjs/common';
import {
  InMemorySpanExporter,
  BasicTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';

const KEY = Symbol.for('opentelemetry.js.api.1');
const registries = globalThis as { [KEY]?: { version: string; trace?: unknown } };

/** Registers an SDK through a copy of the API that is not ours, and of another version. */
function startThroughAnotherCopy(version: string): InMemorySpanExporter {
  const require = createRequire(import.meta.url);
  const own = Object.keys(require.cache).filter((file) => file.includes('@opentelemetry/api/'));
  const saved = own.map((file) => [file, require.cache[file]] as const);
  for (const file of own) delete require.cache[file];
  const { trace } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  for (const [file, module] of saved) require.cache[file] = module;
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  registries[KEY]!.version = version;
  onTestFinished(() => {
    delete registries[KEY];
  });
  return exporter;
}

async function call(): Promise<number> {
  const session = await bootClient(machineClient(await startServer()));
  return (await firstValueFrom(session.get('/things'))).status;
}

describe('an SDK that goes by another version of the API', () => {
  it('is said once, and used by nobody, where it is older than ours', async () => {
    const lines = vi.spyOn(Logger.prototype, 'debug').mockReturnValue(undefined);
    onTestFinished(() => lines.mockRestore());
    const exporter = startThroughAnotherCopy('1.8.0');
    expect([await call(), await call()]).toEqual([200, 200]);
    expect(exporter.getFinishedSpans()).toEqual([]);
    const said = lines.mock.calls.map(([line]) => String(line)).filter((line) => /SDK/.test(line));
    expect(said).toEqual([expect.stringContaining('is newer than the one that the SDK goes by')]);
  });

  it('is used where it is newer', async () => {
    const exporter = startThroughAnotherCopy('1.99.0');
    expect(await call()).toBe(200);
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain('token_request');
  });
});
