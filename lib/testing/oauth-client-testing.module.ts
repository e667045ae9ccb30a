import { Module, type DynamicModule } from '@nestjs/common';
import {
  OAuthClientCustomizer,
  OAuthClientModule,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
  type OAuthRoutesOptions,
} from '../index.js';
import { withoutUndefined, type OAuthTestClientOptions } from './oauth-test-client.options.js';
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
    const kit = new OAuthTestKit('all');
    const declared: Record<string, OAuthClientOptions> = {};
    for (const [name, client] of Object.entries(clients)) {
      const { grant, registeredLater = false } = client;
      const isBoth = grant === undefined && !registeredLater;
      kit.add(name, {
        ...(options.routes && { redirectUri: callbackOf(name, options.routes) }),
        ...withoutUndefined(client),
        ...(isBoth && { shared: client.shared ?? true }),
      });
      if (registeredLater) continue;
      declared[name] = { clientId: client.clientId ?? 'test-client' };
    }
    const root = OAuthClientModule.forRoot({ ...rest, clients: declared });
    return {
      ...root,
      providers: [
        ...(root.providers ?? []),
        // Of two providers of one token the later one counts.
        { provide: OAuthClientCustomizer, useValue: kit },
        {
          provide: OAuthTestKit,
          inject: [OAuthClientCustomizer],
          useFactory: (used: OAuthClientCustomizer) => {
            if (used === kit) return kit;
            throw new Error(
              'overrideOAuthClient() does not go with OAuthClientTestingModule: give the options of ' +
                "the client in forRoot(), or its answers by kit.client('…').reply(…).",
            );
          },
        },
      ],
      exports: [...(root.exports ?? []), OAuthTestKit],
    };
  }
}

/** Where the route of a client takes its callback. */
function callbackOf(name: string, { origin, path = 'oauth' }: OAuthRoutesOptions): string {
  const callback = `${path.replace(/^\/+|\/+$/g, '')}/${encodeURIComponent(name)}/callback`;
  return new URL(callback, origin ?? 'https://app.test').href;
}
