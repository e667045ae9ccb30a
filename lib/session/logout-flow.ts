import { generateRandomState } from 'oauth4webapi';
import { MismatchingStateError } from '../errors/authorization.errors.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientParts } from '../pipeline/client-parts.js';
import type { GrantBinding } from '../pipeline/grant-binding.js';
import { parseAuthorizationResponse } from '../protocol/authorization-response.js';
import { setParams, type Params } from '../protocol/params.js';
import type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from '../store/authorization-request-store.js';
import { PENDING_MS } from './authorization-callback.js';
import { demandBinding, demandLocalPath, demandResponse, isPending } from './flow-checks.js';
import { hashesTo, sha256 } from './hashes.js';
import { returnAddressProblem } from './option-addresses.js';

/** What a logout is begun with. */
export interface LogoutUrlOptions {
  /** Where the server sends the user back to; the client's own when left out, if it has one. */
  postLogoutRedirectUri?: string;
  /** What ties the logout to this browser; the answer must show the same. */
  binding?: string;
  /** Where inside the application to return to: a path such as `/`. */
  returnTo?: string;
  /** The state to send; a new random one when left out. Sent with a return address alone. */
  state?: string;
  /** Further parameters, such as `logout_hint` and `ui_locales`. */
  params?: Params;
}

/** What `completeLogout()` is given. */
export interface CompleteLogoutOptions {
  /** The full URL that the server sent the user back to, or its path and query. */
  logoutResponse: string;
  /** What was given to `logoutUrl()`. */
  binding?: string;
}

/** Logs users out at the authorization server. OpenID Connect RP-Initiated Logout 1.0. */
export class LogoutFlow {
  readonly #parts: ClientParts;
  readonly #requests: AuthorizationRequestStore;

  constructor(parts: ClientParts, requests: AuthorizationRequestStore) {
    this.#parts = parts;
    this.#requests = requests;
  }

  /** The URL to send the user to; with a return address its state is kept, for one answer. */
  async begin(
    binding: GrantBinding,
    { postLogoutRedirectUri, state, params, ...flow }: LogoutUrlOptions,
    idToken: string | undefined,
  ): Promise<{ url: string; state?: string }> {
    const { settings, metadata } = this.#parts;
    const { name, clientId } = settings;
    demandLocalPath(name, flow.returnTo);
    demandBinding(name, flow.binding);
    const back = postLogoutRedirectUri ?? settings.postLogoutRedirectUri;
    const misled = back === undefined ? undefined : returnAddressProblem(back);
    if (misled) {
      const problem = `postLogoutRedirectUri: ${misled.problem}`;
      throw new ConfigurationError({ client: name, problem, remedy: misled.remedy });
    }
    if (back === undefined && (state ?? flow.returnTo ?? flow.binding) !== undefined) {
      throw new ConfigurationError({
        client: name,
        problem: 'The logout names no address to return to, so nothing can come back.',
        remedy: 'Set postLogoutRedirectUri, or leave state, returnTo and binding out.',
      });
    }
    const url = new URL(await metadata.endpoint('end_session'));
    const sent = back === undefined ? undefined : await this.#keep(binding, state, flow);
    setParams(url.searchParams, {
      ...params,
      client_id: clientId,
      ...(idToken !== undefined && { id_token_hint: idToken }),
      post_logout_redirect_uri: back,
      state: sent,
    });
    return { url: url.href, ...(sent !== undefined && { state: sent }) };
  }

  /** Judges what the server sent the user back with; its state is spent, whatever comes of it. */
  async complete({
    logoutResponse,
    binding,
  }: CompleteLogoutOptions): Promise<{ subject: string; returnTo?: string }> {
    const { settings, clock } = this.#parts;
    demandResponse(settings.name, 'logoutResponse', logoutResponse);
    const { state, repeated } = parseAuthorizationResponse(logoutResponse);
    const record = state === undefined ? undefined : await this.#requests.take(keyOf(state));
    if (!record || !isPending('logout', record) || clock.now() - record.createdAt >= PENDING_MS) {
      throw this.#mismatch('Its state is missing, unknown, used already, or too old.');
    }
    if (repeated.includes('state')) throw this.#mismatch('Its state came more than once.');
    if (record.client !== settings.name) throw this.#mismatch('It belongs to another client.');
    const { bindingHash, subject, returnTo } = record;
    const isSame =
      bindingHash === undefined
        ? binding === undefined
        : typeof binding === 'string' && hashesTo(binding, bindingHash);
    if (!isSame) throw this.#mismatch('It arrived in another browser.');
    return { subject, ...(returnTo !== undefined && { returnTo }) };
  }

  async #keep(
    { client, subject }: GrantBinding,
    given: unknown,
    { binding, returnTo }: Pick<LogoutUrlOptions, 'binding' | 'returnTo'>,
  ): Promise<string> {
    const state = given ?? generateRandomState();
    const record: AuthorizationRequestRecord = {
      kind: 'logout',
      client,
      subject,
      scope: [],
      createdAt: this.#parts.clock.now(),
      ...(binding !== undefined && { bindingHash: sha256(binding) }),
      ...(returnTo !== undefined && { returnTo }),
    };
    if (typeof state === 'string' && state !== '') {
      if (await this.#requests.save(keyOf(state), record, PENDING_MS)) return state;
    }
    throw new ConfigurationError({
      client,
      problem: 'The state is empty, no text, or was used before.',
      remedy: 'Make a new random state for each logout, or leave it out.',
    });
  }

  #mismatch(problem: string): MismatchingStateError {
    return new MismatchingStateError({
      client: this.#parts.settings.name,
      problem: `The answer to a logout is refused. ${problem}`,
      remedy: 'Begin again with logoutUrl().',
    });
  }
}

/** Never the key of an authorization request, whose state may be anything: no hash has a dot. */
function keyOf(state: string): string {
  return `logout.${sha256(state)}`;
}
