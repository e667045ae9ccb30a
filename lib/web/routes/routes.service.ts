import { NotFoundException, UnauthorizedException } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { ConfigurationError } from '../../errors/configuration.errors.js';
import type { ClientDirectory } from '../../session/client-directory.js';
import type { OAuthSession } from '../../session/oauth-session.js';
import type { RoutePaths } from '../route-paths.js';
import type { SignInHandlers } from '../sign-in.handlers.js';
import type { WebContext } from '../web.context.js';
import type { WebRequest } from '../web.options.js';
import { AuthorizeRoute } from './authorize.route.js';
import { BrowserCookie } from './browser.cookie.js';
import { CallbackRoute } from './callback.route.js';
import { ConnectionsRoute } from './connections.route.js';
import { CookieJar, withJar } from './cookie-jar.js';
import { DisconnectRoute } from './disconnect.route.js';
import { formPostPage, isRelayed, responseFields } from './form-post.page.js';
import { demandNavigation } from './origin-checks.js';
import { ownOrigin } from './own-address.js';
import { write, type Reply } from './reply.js';
import { RequestView } from './request.view.js';
import { demanded, type Visit } from './visit.js';
import { withoutCookies } from './without-cookies.js';

const MAX_NAME = 200;

/** A request to the routes of a client, and who is signed in. */
interface Arrival {
  readonly request: WebRequest;
  readonly response: unknown;
  readonly client: string;
  readonly subject: string | undefined;
}

/** What the controller of the routes hands its requests to. */
export class OAuthRoutes {
  readonly #web: WebContext;
  readonly #directory: ClientDirectory;
  readonly #handlers: SignInHandlers;
  readonly #adapters: HttpAdapterHost;
  readonly #authorize: AuthorizeRoute;
  readonly #callback: CallbackRoute;
  readonly #disconnect = new DisconnectRoute();
  readonly #connections: ConnectionsRoute;

  constructor(
    web: WebContext,
    directory: ClientDirectory,
    handlers: SignInHandlers,
    adapters: HttpAdapterHost,
    paths: RoutePaths,
  ) {
    const { requests } = directory;
    this.#web = web;
    this.#directory = directory;
    this.#handlers = handlers;
    this.#adapters = adapters;
    this.#authorize = new AuthorizeRoute(requests, paths);
    this.#callback = new CallbackRoute(requests);
    this.#connections = new ConnectionsRoute(web, paths);
  }

  async authorize(request: WebRequest, response: unknown, client: string): Promise<void> {
    const subject = await this.#signedIn(request, client);
    await this.#visit({ request, response, client, subject }, (visit) =>
      this.#authorize.answer(visit),
    );
  }

  async callback(request: WebRequest, response: unknown, client: string): Promise<void> {
    demandNavigation(new RequestView(request));
    const subject = await this.#web.subjectOf(request);
    await this.#visit({ request, response, client, subject }, (visit) =>
      this.#callback.answer(visit),
    );
  }

  async postedCallback(request: WebRequest, response: unknown, client: string): Promise<void> {
    const form = await new RequestView(request).form();
    if (!isRelayed(form)) {
      withoutCookies(response);
      write(this.#adapters.httpAdapter, response, formPostPage(responseFields(form)));
      return;
    }
    const subject = await this.#web.subjectOf(request);
    await this.#visit({ request, response, client, subject }, (visit) =>
      this.#callback.answerForm(visit),
    );
  }

  async disconnect(request: WebRequest, response: unknown, client: string): Promise<void> {
    const subject = await this.#web.demandSubject(request);
    await this.#visit({ request, response, client, subject }, (visit) =>
      this.#disconnect.answer(visit),
    );
  }

  async connections(request: WebRequest, response: unknown): Promise<void> {
    const sessions = this.#sessions();
    const reply = await this.#connections.answer(new RequestView(request), sessions);
    write(this.#adapters.httpAdapter, response, reply);
  }

  /** Before anything is looked up for them: somebody, or who signs in by this client. */
  async #signedIn(request: WebRequest, client: string): Promise<string | undefined> {
    const subject = await this.#web.subjectOf(request);
    return this.#handlers.find(client) ? subject : demanded(subject);
  }

  async #visit(
    { request, response, client, subject }: Arrival,
    answer: (visit: Visit) => Promise<Reply>,
  ): Promise<void> {
    const { httpAdapter } = this.#adapters;
    const signIn = this.#handlers.find(client);
    const isNobody = subject === undefined && !signIn;
    // Nor is the application's repository asked for whatever name a stranger comes up with.
    if (isNobody && !this.#directory.has(client)) throw new UnauthorizedException();
    const session = await this.#client(client).catch((error: unknown) => {
      // Which clients there are is told to those alone who may use them.
      throw isNobody ? new UnauthorizedException() : error;
    });
    const view = new RequestView(request);
    const { runtime } = session;
    const { origin } = this.#web.options.routes ?? {};
    const { redirectUri } = runtime.settings;
    const address = { client, origin, redirectUri };
    const jar = new CookieJar(view, ownOrigin(view, address).startsWith('https:'));
    const cookie = new BrowserCookie(jar);
    const visit = { view, subject, signIn, jar, cookie, session, runtime, address, response };
    let reply: Reply;
    try {
      reply = await withJar(jar, () => answer(visit));
    } finally {
      // With an error, too: what came back is used.
      for (const line of jar.lines) httpAdapter.appendHeader?.(response, 'Set-Cookie', line);
    }
    write(httpAdapter, response, reply);
  }

  /** A client that takes part; of any other name nothing is said. */
  async #client(name: string): Promise<OAuthSession> {
    const { clients } = this.#web.options.routes ?? {};
    if (name.length > MAX_NAME || clients?.includes(name) === false) throw new NotFoundException();
    const session = await this.#found(name);
    if (session.settings.grant === 'authorization_code') return session;
    throw new NotFoundException();
  }

  async #found(name: string): Promise<OAuthSession> {
    try {
      return await this.#web.client(name);
    } catch (error) {
      // Mistakes in the options of one that exists are told of, to the application alone.
      const isUnknown = error instanceof ConfigurationError && error.problems.length === 0;
      throw isUnknown && !this.#directory.has(name) ? new NotFoundException() : error;
    }
  }

  /** Those that the application configures: a repository is asked for single clients alone. */
  #sessions(): OAuthSession[] {
    const { clients } = this.#web.options.routes ?? {};
    return this.#directory
      .names()
      .filter((name) => clients?.includes(name) !== false)
      .map((name) => this.#directory.session(name))
      .filter(({ settings }) => settings.grant === 'authorization_code');
  }
}
