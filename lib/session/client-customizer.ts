import type { OAuthClientOptions } from './oauth-client.options.js';
import { isObject } from './option-values.js';

/** Sees the options of a client before they are judged, and may change them: for tests. */
export interface ClientCustomizer {
  clientOptions(name: string, options: OAuthClientOptions): OAuthClientOptions;
}

/** What a customizer makes of options; what are none is left as it is, to be reported. */
export function customized(
  customizer: ClientCustomizer,
  name: string,
  options: OAuthClientOptions,
): OAuthClientOptions {
  return isObject(options) ? customizer.clientOptions(name, options) : options;
}
