import type * as Api from '@opentelemetry/api';
import type { Telemetry } from '../pipeline/telemetry.js';
import { OpenTelemetry } from './opentelemetry.js';

let telemetry: OpenTelemetry | undefined;

/**
 * OpenTelemetry as it is registered in this process; else why there is none: its API cannot be
 * loaded from here, or is one that does not see who is registered.
 */
export async function loadOpenTelemetry(): Promise<Telemetry | 'missing' | 'unseen'> {
  if (telemetry) return telemetry;
  const api = await loadApi();
  if (!api) return 'missing';
  const { trace, metrics } = api;
  const registry = (globalThis as Record<symbol, Registry | undefined>)[REGISTRY];
  const isSeen =
    (registry?.trace !== undefined && trace.getTracerProvider() === registry.trace) ||
    (registry?.metrics !== undefined && metrics.getMeterProvider() === registry.metrics);
  return isSeen ? (telemetry ??= new OpenTelemetry(api)) : 'unseen';
}

/** Right inside `try`: so bundlers know that the package need not be there. */
async function loadApi(): Promise<typeof Api | undefined> {
  try {
    return await import('@opentelemetry/api');
  } catch {
    return undefined;
  }
}

interface Registry {
  readonly trace?: unknown;
  readonly metrics?: unknown;
}

const REGISTRY = Symbol.for('opentelemetry.js.api.1');
