import axios from 'axios';
import type { OAuthClientOptions } from '../index.js';

/** What an application sets of a provider's client: who it is there, and what it wants otherwise. */
export type ProviderClientOptions = Partial<OAuthClientOptions> &
  Pick<OAuthClientOptions, 'clientId'>;

/** What is known of a provider's habits; for people, and for the table in the README. */
export interface ProviderHabits {
  /** How long an access token lasts, such as `1 h`; `no end` where it does not expire. */
  readonly accessToken: string;
  /**
   * What becomes of the refresh token at a renewal: a new one replaces it, it stays, or there is
   * none.
   */
  readonly refreshToken: 'rotates' | 'stays' | 'none';
  /** What else one has to know, in a few words. */
  readonly note?: string;
}

/** What a preset is made from: data, and hook classes where data will not do. */
export interface ProviderDefinition<P extends object> {
  /** What `@ComplianceFix()` matches, such as `slack`. */
  readonly name: string;
  /** The provider's own name, such as `Slack`. */
  readonly title: string;
  /** The pages of the provider that the definition was made from. */
  readonly documentation: readonly string[];
  /** How long its tokens last, and what becomes of them. */
  readonly habits: ProviderHabits;
  /** The client options, from what the application sets. */
  readonly options: (given: ProviderClientOptions & P) => Partial<OAuthClientOptions>;
}

/**
 * A ready-made provider: makes the options of a client from its credentials. What the application
 * sets wins, and `undefined` sets nothing; `authorizationParams`, `tokenParams`, `refreshParams` and
 * headers are merged, and hook classes of its own run after the provider's. With a `baseURL` of its
 * own the token goes there alone, unless `allowedOrigins` says otherwise.
 */
export interface Provider<P extends object = object> {
  (options: ProviderClientOptions & P): OAuthClientOptions;
  /** What `@ComplianceFix()` matches, such as `slack`. */
  readonly providerName: string;
  /** The provider's own name, such as `Slack`. */
  readonly title: string;
  /** The pages of the provider that the preset was made from. */
  readonly documentation: readonly string[];
  /** How long its tokens last, and what becomes of them. */
  readonly habits: ProviderHabits;
}

/**
 * Makes a preset of one's own, in the form of those that come with the package.
 *
 * @param parameters - The names of what `definition.options` takes, which is no client option.
 *
 * @example
 * ```ts
 * export const acme = defineProvider({
 *   name: 'acme',
 *   title: 'Acme',
 *   documentation: ['https://acme.example/docs/oauth'],
 *   habits: { accessToken: '1 h', refreshToken: 'rotates' },
 *   options: () => ({ issuer: 'https://login.acme.example', baseURL: 'https://api.acme.example' }),
 * });
 * ```
 */
export function defineProvider<P extends object = object>(
  definition: ProviderDefinition<P>,
  ...parameters: (keyof P & string)[]
): Provider<P> {
  const { name, title, documentation, habits } = definition;
  const make = (given: ProviderClientOptions & P): OAuthClientOptions => {
    const own = Object.fromEntries(
      Object.entries(given).filter(
        ([key, value]) => value !== undefined && !(parameters as string[]).includes(key),
      ),
    ) as unknown as ProviderClientOptions;
    return merged({ provider: name, ...definition.options(given) }, own);
  };
  return Object.assign(make, { providerName: name, title, documentation, habits });
}

const MERGED = ['authorizationParams', 'tokenParams', 'refreshParams', 'scopeAliases'] as const;

function merged(
  preset: Partial<OAuthClientOptions>,
  own: ProviderClientOptions,
): OAuthClientOptions {
  const options: OAuthClientOptions = { ...preset, ...own };
  for (const key of MERGED) {
    if (preset[key] && own[key]) Object.assign(options, { [key]: { ...preset[key], ...own[key] } });
  }
  if (preset.fixes && own.fixes) options.fixes = [...preset.fixes, ...own.fixes];
  if (preset.http && own.http) options.http = axios.mergeConfig(preset.http, own.http);
  if (own.baseURL !== undefined && own.allowedOrigins === undefined) delete options.allowedOrigins;
  return options;
}
