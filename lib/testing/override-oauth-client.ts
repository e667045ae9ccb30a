import { OAuthClientCustomizer } from '../index.js';
import type { OAuthTestClientOptions } from './oauth-test-client.options.js';
import { OAuthTestKit } from './oauth-test-kit.js';

/** What replaces providers: the `TestingModuleBuilder` of `@nestjs/testing`. */
export interface OverridableBuilder {
  /** As in Nest. */
  overrideProvider(token: unknown): { useValue(value: unknown): unknown };
}

const kits = new WeakMap<OverridableBuilder, OAuthTestKit>();

/**
 * Puts a test client in the place of one of the application's: its real options hold (`baseURL`,
 * `scope`, `grant`, compliance hooks, interceptors), but what would reach the network, and a secret
 * that a function reads, are replaced. Options given here win. Other clients stay as they are, and go
 * by the kit's clock, too.
 *
 * Call it once for each client, before `compile()`; `OAuthTestKit.of(module)` has what was asked of
 * them. A name that the application does not have is an error at boot (`init()`).
 *
 * @returns The builder, for chaining.
 *
 * @example
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * overrideOAuthClient(builder, 'billing', { reply: { 'POST /invoices': { number: 7 } } });
 * const module = await builder.compile();
 * ```
 */
export function overrideOAuthClient<Builder extends OverridableBuilder>(
  builder: Builder,
  name: string,
  options: OAuthTestClientOptions = {},
): Builder {
  const known = kits.get(builder);
  const kit = known ?? new OAuthTestKit();
  kit.add(name, options);
  if (!known) {
    kits.set(builder, kit);
    builder.overrideProvider(OAuthClientCustomizer).useValue(kit);
  }
  return builder;
}
