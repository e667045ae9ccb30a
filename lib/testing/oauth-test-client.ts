import type { IncomingMessage, ServerResponse } from 'node:http';
import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { TokenSet, type OAuthClientOptions, type TokenRecord } from '../index.js';
import { memoryAgents } from './memory-network.js';
import { TestAuthority, type OAuthTestAuthorizeOptions } from './oauth-test-authority.js';
import {
  testOptions,
  withoutUndefined,
  type OAuthTestClientOptions,
} from './oauth-test-client.options.js';
import { Replies, write, type OAuthTestReply } from './oauth-test-reply.js';
import {
  callOf,
  isRecord,
  parameterOf,
  requestOf,
  tokenRequestOf,
  type OAuthTestCall,
  type OAuthTestTokenRequest,
} from './oauth-test-request.js';
import { actsForUsers, TestTokens } from './oauth-test-tokens.js';
import type { TestClock } from './test-clock.js';

/**
 * A client in a test: what its API answers, and what was asked of it. `kit.client(name)` gives it.
 *
 * @example
 * ```ts
 * const github = OAuthTestKit.of(module).client('github');
 * github.reply({ 'GET /user/repos': [{ name: 'one' }] });
 * // … call your service …
 * expect(github.calls).toMatchObject([{ method: 'GET', path: '/user/repos', subject: 'alice' }]);
 * ```
 */
export class OAuthTestClient {
  readonly #test: OAuthTestClientOptions;
  readonly #clock: TestClock;
  readonly #tokens: TestTokens;
  #replies: Replies;
  #tokenReplies: Replies;
  #authority?: TestAuthority;
  #options?: OAuthClientOptions;
  /** Where the API is; a function has several answers. */
  readonly #bases = new Set<string>();
  #reply: OAuthTestReply;
  #tokenReply: OAuthTestReply;

  /** The name that it is injected by. */
  readonly name: string;
  /** The calls to the API so far, in the order of their arrival: replays after a 401 included. */
  readonly calls: OAuthTestCall[] = [];
  /** The requests for tokens so far. */
  readonly tokenRequests: OAuthTestTokenRequest[] = [];

  /** @internal `kit.client(name)` gives it. */
  constructor(name: string, options: OAuthTestClientOptions, clock: TestClock) {
    const { token, reply, tokenReply } = options;
    this.name = name;
    this.#test = options;
    this.#clock = clock;
    this.#tokens = new TestTokens(name, token, clock);
    this.#replies = new Replies((this.#reply = reply));
    this.#tokenReplies = new Replies((this.#tokenReply = tokenReply));
  }

  /** From now on the API answers this, in place of all that was set before. */
  reply(reply: OAuthTestReply): void {
    this.#replies = new Replies((this.#reply = reply));
  }

  /** From now on token requests are answered with this; `undefined` grants what is asked for. */
  tokenReply(reply: OAuthTestReply): void {
    this.#tokenReplies = new Replies((this.#tokenReply = reply));
  }

  /**
   * Plays the user's browser at an authorization URL; returns the callback URL, for the
   * application's callback route or `completeAuthorization()`.
   *
   * @throws Error for an authorization request that asks for anything but a code.
   */
  authorize(authorizationUrl: string, options: OAuthTestAuthorizeOptions = {}): string {
    if (!this.#authority) throw new Error(`The application has no client "${this.name}" yet.`);
    if (this.#test.shared === true && this.#test.grant === undefined) {
      throw new Error(
        `The client "${this.name}" of this test serves users and itself alike. To test how users ` +
          `connect, name its grant: '${this.name}: { grant: 'authorization_code' }'.`,
      );
    }
    return this.#authority.authorize(authorizationUrl, options);
  }

  /** Forgets the calls and the token requests so far; each `inTurn` begins anew. Tokens stay. */
  reset(): void {
    this.calls.length = 0;
    this.tokenRequests.length = 0;
    this.reply(this.#reply);
    this.tokenReply(this.#tokenReply);
  }

  /** @internal Whether the application has declared a client of this name. */
  get isDeclared(): boolean {
    return this.#options !== undefined;
  }

  /** @internal Whether it is an error when nobody declares it at boot. */
  get isDemanded(): boolean {
    return this.#test.registeredLater !== true;
  }

  /**
   * @internal The options of the client in the test, on those of the application, which may have
   * routes for it.
   */
  options(own: Partial<OAuthClientOptions>, isRouted: boolean): OAuthClientOptions {
    const { token: _t, reply: _r, tokenReply: _tr, registeredLater: _l, ...changes } = this.#test;
    const options = testOptions(
      this.name,
      { ...own, ...withoutUndefined(changes) },
      {
        agents: memoryAgents((...request) => void this.#serveAuthority(...request)),
        adapter: { adapter: this.#adapter },
        isRouted,
      },
    );
    const { baseURL } = options;
    if (typeof baseURL === 'string') this.#bases.add(baseURL);
    if (typeof baseURL === 'function') {
      options.baseURL = (token) => {
        const base = baseURL(token);
        if (typeof base === 'string') this.#bases.add(base);
        return base;
      };
    }
    this.#options = options;
    this.#authority = new TestAuthority(options, this.#tokens, this.#clock);
    return options;
  }

  /** @internal The token that a subject has before anything has happened. */
  async seed(subject: string): Promise<TokenRecord | undefined> {
    // A machine fetches its own: the token is what its request is answered with.
    if (!this.#options || !actsForUsers(this.#options)) return undefined;
    const token = await this.#tokens.given(subject);
    const { scope, scopeSeparator } = this.#options;
    const now = this.#clock.now() / 1000;
    return token === null
      ? undefined
      : TokenSet.from(token, { now, scope, scopeSeparator }).toRecord();
  }

  /** What JSON shows: how much was recorded. */
  toJSON(): unknown {
    return { calls: this.calls.length, tokenRequests: this.tokenRequests.length };
  }

  /** axios' own adapter, connected to this process, for one call at a time: it knows the subject. */
  readonly #adapter: AxiosAdapter = async (config) => {
    const flight: Flight = { subject: subjectOf(config) };
    const agents = memoryAgents((...request) => void this.#serveApi(flight, ...request));
    Object.assign(config, agents, { proxy: false, lookup: undefined });
    try {
      return await axios.getAdapter('http')(config);
    } catch (error) {
      throw 'failure' in flight ? flight.failure : error;
    }
  };

  async #serveApi(flight: Flight, ...[message, response, origin]: Arrival): Promise<void> {
    try {
      const call = callOf(await requestOf(message, origin, flight.subject, this.#bases));
      this.calls.push(call);
      const { isSet, response: answer } = await this.#replies.answer(call);
      if (!isSet) throw this.#noReply(call);
      await write(answer ?? new Response(null, { status: 204 }), response);
    } catch (failure) {
      flight.failure = failure;
      message.socket.destroy();
    }
  }

  async #serveAuthority(...[message, response, origin]: Arrival): Promise<void> {
    try {
      const request = await requestOf(message, origin, undefined, []);
      // A hook may have made a request of its own, without the header that names the subject.
      const owner = this.#tokens.ownerOf(parameterOf(request, 'refresh_token')) ?? '';
      const tokenRequest = tokenRequestOf({ ...request, subject: request.subject || owner });
      if (!tokenRequest) return await write(this.#authority!.answer(request), response);
      this.tokenRequests.push(tokenRequest);
      const { response: answer } = await this.#tokenReplies.answer(tokenRequest);
      const granted = () => this.#authority!.token(tokenRequest, tokenRequest.grantType);
      return await write(answer ?? (await granted()), response);
    } catch {
      // As a server that fails: the client sees a broken connection.
      message.socket.destroy();
    }
  }

  #noReply({ method, url, path }: OAuthTestCall): Error {
    const { name } = this;
    return new Error(
      `No reply is set for ${method} ${url}. Add one: ` +
        `OAuthTestKit.of(module).client('${name}').reply({ '${method} ${path}': … }), ` +
        `or reply: { '${method} ${path}': … } where the test sets up the client "${name}".`,
    );
  }
}

interface Flight {
  readonly subject: string;
  failure?: unknown;
}

type Arrival = [message: IncomingMessage, response: ServerResponse, origin: string];

/** A session puts the grant that it is bound to on the request; the client's own session nothing. */
function subjectOf({ oauth }: InternalAxiosRequestConfig): string {
  const bound: unknown = oauth;
  const subject = isRecord(bound) ? bound['subject'] : undefined;
  return typeof subject === 'string' ? subject : '';
}
