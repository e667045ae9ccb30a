import { Logger } from '@nestjs/common';
import type { FindTelemetry, Telemetry } from './pipeline/telemetry.js';

/** Where `@opentelemetry/api` keeps what is registered in a process, for all copies of a major. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

/** Whether the package was looked for and is not there: it is not looked for again. */
let isMissing = false;

/**
 * OpenTelemetry, once an SDK has registered itself in this process; until then nothing is loaded,
 * and looking costs the reading of one property.
 */
export const findOpenTelemetry: FindTelemetry = () =>
  !isMissing && isRegistered() ? load() : undefined;

function isRegistered(): boolean {
  const registry = (globalThis as { [REGISTRY]?: { trace?: unknown; metrics?: unknown } })[
    REGISTRY
  ];
  return registry?.trace !== undefined || registry?.metrics !== undefined;
}

async function load(): Promise<Telemetry | undefined> {
  try {
    const { loadOpenTelemetry } = await import('./opentelemetry/index.js');
    return await loadOpenTelemetry();
  } catch {
    isMissing = true;
    new Logger('OAuthClientModule').debug(
      'An OpenTelemetry SDK is registered, but @opentelemetry/api cannot be loaded from here: ' +
        'there are no traces and metrics of this module. Install it beside nestjs-oauth-client.',
    );
    return undefined;
  }
}
