import { Logger } from '@nestjs/common';
import type { FindTelemetry, Telemetry } from './pipeline/telemetry.js';

/** Where `@opentelemetry/api` keeps what is registered in a process, for all copies of a major. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

/** Whether the package was looked for and is not there: it is not looked for again. */
let isMissing = false;
/** Whether it was said why nothing is made of what is registered. */
let isExplained = false;

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
  const { loadOpenTelemetry } = await import('./opentelemetry/index.js');
  const found = await loadOpenTelemetry();
  if (typeof found !== 'string') return found;
  isMissing = found === 'missing';
  explain(
    isMissing
      ? 'cannot be loaded from here: install it beside nestjs-oauth-client'
      : 'as it is loaded from here is newer than the one that the SDK goes by: update that one',
  );
  return undefined;
}

function explain(why: string): void {
  if (isExplained) return;
  isExplained = true;
  new Logger('OAuthClientModule').debug(
    `There are no traces and metrics of this module: an OpenTelemetry SDK is registered, but @opentelemetry/api ${why}.`,
  );
}
