import type { Telemetry } from '../pipeline/telemetry.js';
import { OpenTelemetry } from './opentelemetry.js';

let telemetry: OpenTelemetry | undefined;

/**
 * OpenTelemetry as it is registered in this process; `undefined` where its API, as it is loaded from
 * here, is one that does not see who is registered. Fails where it cannot be loaded.
 */
export async function loadOpenTelemetry(): Promise<Telemetry | undefined> {
  if (telemetry) return telemetry;
  const api = await import('@opentelemetry/api');
  const { trace, metrics } = api;
  const registry = (globalThis as Record<symbol, Registry | undefined>)[REGISTRY];
  const isSeen =
    (registry?.trace !== undefined && trace.getTracerProvider() === registry.trace) ||
    (registry?.metrics !== undefined && metrics.getMeterProvider() === registry.metrics);
  return isSeen ? (telemetry ??= new OpenTelemetry(api)) : undefined;
}

interface Registry {
  readonly trace?: unknown;
  readonly metrics?: unknown;
}

const REGISTRY = Symbol.for('opentelemetry.js.api.1');
