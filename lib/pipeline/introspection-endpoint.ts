import { MissingTokenError } from '../errors/token.errors.js';
import type { EndpointCaller, EndpointCall } from './endpoint-caller.js';
import type { ClientSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';
import type { TokenTypeHint } from './revocation-endpoint.js';

/** What the server says of a token. RFC 7662, section 2.2. */
export interface IntrospectionResponse {
  /** Whether the token is valid now. */
  readonly active: boolean;
  /** The scope, its parts separated by spaces. */
  readonly scope?: string;
  /** The client that the token was issued to. */
  readonly client_id?: string;
  /** Whom it was issued for, for people to read. */
  readonly username?: string;
  /** The type of the token. */
  readonly token_type?: string;
  /** When it ends, in epoch seconds. */
  readonly exp?: number;
  /** Whom it was issued for. */
  readonly sub?: string;
  readonly [member: string]: unknown;
}

/** Asks the server about a token. RFC 7662. */
export class IntrospectionEndpoint {
  readonly #settings: ClientSettings;
  readonly #caller: EndpointCaller;

  constructor(settings: ClientSettings, caller: EndpointCaller) {
    this.#settings = settings;
    this.#caller = caller;
  }

  /** What the server says of one token; fails where there is none. */
  async introspect(
    binding: GrantBinding,
    token: string | undefined,
    hint?: TokenTypeHint,
  ): Promise<IntrospectionResponse> {
    if (token === undefined) {
      throw new MissingTokenError({
        client: binding.client,
        subject: binding.subject,
        problem: `There is no ${hint === 'refresh_token' ? 'refresh ' : ''}token to ask about.`,
        remedy: 'Connect first, or pass the token.',
      });
    }
    const call: EndpointCall = {
      endpoint: 'introspection',
      form: new URLSearchParams({ token, ...(hint && { token_type_hint: hint }) }),
      authentication: this.#settings.introspectionAuthentication,
      hook: 'introspect_token_request',
      remedy: 'Check introspectionEndpoint, and whether the client may introspect there.',
    };
    const response = await this.#caller.call(binding, call);
    const answer = response.json() as Partial<IntrospectionResponse> | null | undefined;
    if (typeof answer === 'object' && answer !== null && typeof answer.active === 'boolean') {
      return answer as IntrospectionResponse;
    }
    const { status } = response;
    throw this.#caller.error(binding, call, 'answered no introspection response', { status });
  }
}
