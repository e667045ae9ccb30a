import { Module, type DynamicModule } from '@nestjs/common';
import {
  OAuthClientCustomizer,
  OAuthClientModule,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from '../index.js';
import type { OAuthTestClientOptions } from './oauth-test-client.options.js';
import { OAuthTestKit } from './oauth-test-kit.js';

/** The options of {@link OAuthClientTestingModule.forRoot}. */
export interface OAuthTestModuleOptions extends Omit<
  OAuthClientModuleOptions,
  'clients' | 'clock' | 'transport'
> {
  /** The clients, by the names they are injected by; `{}` is enough of one. */
  clients: Record<string, OAuthTestClientOptions>;
}

/**
 * The real module with clients that work without a network: sessions are real, token requests are
 * granted in memory, and the API answers what the test says.
 */
@Module({})
export class OAuthClientTestingModule {
  /**
   * Takes the place of `OAuthClientModule.forRoot()`; `forFeature(['github'])` elsewhere goes with
   * it. A client without a `grant` serves both sides: it has a token for every subject and one for
   * itself. Name the grant, and calls are judged by it, such as one that forgets `for(userId)`.
   *
   * @example
   * ```ts
   * const module = await Test.createTestingModule({
   *   imports: [
   *     OAuthClientTestingModule.forRoot({
   *       clients: {
   *         github: { reply: { 'GET /user/repos': [{ name: 'one' }] } },
   *         billing: { grant: 'client_credentials', reply: { 'POST /invoices': { number: 7 } } },
   *       },
   *     }),
   *   ],
   *   providers: [RepositoriesService],
   * }).compile();
   * ```
   */
  static forRoot(options: OAuthTestModuleOptions): DynamicModule {
    const { clients, ...rest } = options;
    const kit = new OAuthTestKit();
    const declared: Record<string, OAuthClientOptions> = {};
    for (const [name, client] of Object.entries(clients)) {
      const { grant } = client;
      kit.add(name, { ...client, ...(grant === undefined && { shared: client.shared ?? true }) });
      declared[name] = { clientId: client.clientId ?? 'test-client' };
    }
    const root = OAuthClientModule.forRoot({ ...rest, clients: declared });
    return {
      ...root,
      providers: [
        ...(root.providers ?? []),
        // Of two providers of one token the later one counts.
        { provide: OAuthClientCustomizer, useValue: kit },
        { provide: OAuthTestKit, useValue: kit },
      ],
      exports: [...(root.exports ?? []), OAuthTestKit],
    };
  }
}
