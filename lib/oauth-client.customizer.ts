import type { OAuthClientModuleOptions } from './oauth-client.module-definition.js';
import type { OAuthClientOptions } from './session/oauth-client.options.js';

/**
 * Sees all options of an application before they are judged and used, whoever declares them: the
 * root, a feature, or the registry. This one changes nothing; the test kit takes its place. For
 * tests: what runs in production says what it means in its options.
 *
 * @example
 * ```ts
 * class Shorter extends OAuthClientCustomizer {
 *   override clientOptions(_name: string, options: OAuthClientOptions): OAuthClientOptions {
 *     return { ...options, transport: { ...options.transport, timeout: 500 } };
 *   }
 * }
 * builder.overrideProvider(OAuthClientCustomizer).useValue(new Shorter());
 * ```
 */
export class OAuthClientCustomizer {
  /** What the module is to use in place of its options; asked once. */
  moduleOptions(options: OAuthClientModuleOptions): OAuthClientModuleOptions {
    return options;
  }

  /** What a client is to use in place of its options; asked at each declaration. */
  clientOptions(_name: string, options: OAuthClientOptions): OAuthClientOptions {
    return options;
  }
}
